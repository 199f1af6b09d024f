"""The one way in for rows of national systems: looked up, compared with what stands, written by difference."""
