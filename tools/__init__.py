"""Checks of the code base that `make lint` runs."""
