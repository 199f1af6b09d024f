"""What lies in a dossier: the common parts of the task, and the own ones of an agency."""

from app.archive.contents.common import common_pieces
from app.archive.contents.facts import TaskFacts, read_facts
from app.archive.contents.own import own_pieces

__all__ = ["TaskFacts", "common_pieces", "own_pieces", "read_facts"]
