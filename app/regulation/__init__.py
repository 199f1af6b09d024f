"""The regulation as the code sees it: its rules by name, its working days, its small vocabularies.

Others import `implements` from here; the rest stands in `calendar`, `vocabulary`, `registry` and `articles`.
Pure: standard library only, reads nothing but its own `rules.toml` (`articles` also reads the source tree).
"""

from app.regulation.registry import implements

__all__ = ["implements"]
