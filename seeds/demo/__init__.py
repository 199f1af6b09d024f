"""Fictional demo rows, deterministic from a seed and the day of loading. Every name ends in 示例."""
