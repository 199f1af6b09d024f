"""Child directories of a target (permits, premises): one way to keep, list and import their rows."""
