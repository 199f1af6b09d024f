"""The verbs of matching. Importing them registers what the matching adds to a freeze."""

from app.matching import parts as parts
from app.matching.services.confirm import confirm
from app.matching.services.match import match, match_replacement
from app.matching.services.recuse import recuse

__all__ = ["confirm", "match", "match_replacement", "recuse"]
