"""Tests of the design system, and the two scripts that keep its vendored files."""
