"""Words and values that every domain shares: errors, decisions, time, identifiers, digests. Pure."""
