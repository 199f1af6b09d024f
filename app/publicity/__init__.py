"""公示: what is public, through which channel, and the public pages (R-27.1)."""
