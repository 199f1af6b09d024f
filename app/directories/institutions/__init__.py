"""Professional institutions whose experts assist (R-10.2, R-16.1)."""
