"""The keys of protected data in operation: another one by a command, the work of it as a job."""
