"""Two codes of one enterprise become one target, and can be parted again (R-11.5)."""
