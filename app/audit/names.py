"""How event tags are written for people."""

from __future__ import annotations

from flask_babel import pgettext


def event_name(tag: str) -> str:
    """`form.sent_back` in the reader's language; the words of the tag where no name is known."""
    name = pgettext("event", tag)
    return name if name != tag else tag.replace(".", " ").replace("_", " ").capitalize()
