"""The security log: read, filtered and exported by the audit administrator; never changed by anybody."""
