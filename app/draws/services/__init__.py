"""The verbs of a draw, in the order of its life."""

from app.draws.services.contribute import commit_contribution, reveal_contribution
from app.draws.services.freeze import freeze
from app.draws.services.replace import replace_target
from app.draws.services.run import open_draw, run_draw
from app.draws.services.void import ask_void, confirm_void, void_draw

__all__ = [
    "ask_void",
    "commit_contribution",
    "confirm_void",
    "freeze",
    "open_draw",
    "replace_target",
    "reveal_contribution",
    "run_draw",
    "void_draw",
]
