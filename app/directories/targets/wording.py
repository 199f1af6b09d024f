"""Where two texts differ, for a person to see: pieces that are the same, taken away, added. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORD = re.compile(r"[A-Za-z0-9]+|\s+|.", re.ASCII | re.DOTALL)
MOST_WORDS = 600
LEAST_ALIKE = 0.3


@dataclass(frozen=True)
class Piece:
    text: str
    changed: bool = False


def side_by_side(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces; those of one side that the other lacks are `changed`.

    Latin words and figures are compared whole, Chinese by character. Texts with little in common, or very long
    ones, are changed as a whole.
    """
    if before == after:
        return [Piece(before)], [Piece(after)]
    old, new = _WORD.findall(before), _WORD.findall(after)
    if len(old) + len(new) > MOST_WORDS:
        return [Piece(before, True)], [Piece(after, True)]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < LEAST_ALIKE:
        return [Piece(before, True)], [Piece(after, True)]
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        if j > i:
            left.append(Piece("".join(old[i:j]), tag != "equal"))
        if m > k:
            right.append(Piece("".join(new[k:m]), tag != "equal"))
    return left, right
