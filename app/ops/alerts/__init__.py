"""Alerts: what of the security log somebody has to look at."""
