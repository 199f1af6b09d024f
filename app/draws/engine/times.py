"""Moments as the protocol writes them: UTC with seconds, `2026-11-23T08:00:00Z`, which sort as text."""

import re
from datetime import date, datetime

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def is_moment(text: object) -> bool:
    """Whether the text is a moment that exists."""
    return isinstance(text, str) and bool(_MOMENT.fullmatch(text)) and _exists(datetime, text)


def is_date(text: object) -> bool:
    """Whether the text is a date that exists."""
    return isinstance(text, str) and bool(_DATE.fullmatch(text)) and _exists(date, text)


def seconds(moment: str) -> int:
    """Seconds since 1970. The text must be a moment."""
    return int(datetime.fromisoformat(moment).timestamp())


def require_moment(text: str) -> str:
    """The text itself. Raises ValueError when it is not a moment, because other spellings would not sort."""
    if not is_moment(text):
        raise ValueError(f"not a moment in UTC with seconds: {text!r}")
    return text


def _exists(kind: type[date], text: str) -> bool:
    try:
        kind.fromisoformat(text)
    except ValueError:
        return False
    return True
