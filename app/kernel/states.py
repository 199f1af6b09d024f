"""A state, its label and its colour are one thing."""

from __future__ import annotations

from enum import StrEnum

COLOURS = frozenset({"ok", "warn", "bad", "info", "none", "mute"})


class StateEnum(StrEnum):
    """A state, or a word of another vocabulary, with an English message id as label and a badge colour.

    Members are written `NAME = "code", "Label", "ok"`; the colour is one of `COLOURS`, without it `none`.
    A member is its code: it compares, stores and pickles as that string. An unknown colour stops the import.
    """

    label: str
    colour: str

    def __new__(cls, value: str, label: str = "", colour: str = "none") -> StateEnum:
        if colour not in COLOURS:
            raise ValueError(f"{cls.__name__}: {colour!r} is no badge colour")
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label or value
        member.colour = colour
        return member
