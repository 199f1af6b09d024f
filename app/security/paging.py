"""Keys of keyset pages as tokens of a URL."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from flask import url_for

Key = tuple[str, int]
LONGEST_TOKEN = 1200


def token(key: Key) -> str:
    text = f"{key[1]}:{key[0]}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def key_of(text: str | None) -> Key | None:
    """The key of a token; None for nothing or nonsense, which shows the first page."""
    if not text or len(text) > LONGEST_TOKEN:
        return None
    try:
        decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    number, _, name = decoded.partition(":")
    if not number.isascii() or not number.isdecimal() or len(number) > 18:
        return None
    return name, int(number)


def page_urls(
    endpoint: str, kept: Mapping[str, str], before: Key | None, after: Key | None
) -> tuple[str | None, str | None]:
    """URLs of the previous and the next page with the filters kept."""
    previous = url_for(endpoint, **kept, before=token(before)) if before else None
    following = url_for(endpoint, **kept, after=token(after)) if after else None
    return previous, following
