"""What other parts of the directory call: who said a field, and codes that the portal issues.

Pushing, deciding and registering stand in modules of their own; they need the directory's verbs.
"""

from app.directories.sources.services.issuing import issue_codes
from app.directories.sources.services.stamping import note_sources, source_name_of, source_of

__all__ = ["issue_codes", "note_sources", "source_name_of", "source_of"]
