"""Visits of this year from before the portal: counts per target and per inspector, by import."""
