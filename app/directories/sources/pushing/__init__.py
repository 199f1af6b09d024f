"""Batches that systems push: read, compared with the directory, written by difference (R-6.2)."""
