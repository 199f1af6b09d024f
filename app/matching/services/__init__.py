"""The verbs of matching. Importing them registers what the matching adds to a freeze."""

from app.matching import parts as parts
from app.matching.services.confirm import confirm
from app.matching.services.match import match, match_replacement
from app.matching.services.recuse import hand_over, recuse

__all__ = ["confirm", "hand_over", "match", "match_replacement", "recuse"]
