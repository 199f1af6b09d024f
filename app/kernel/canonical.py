"""Canonical JSON (RFC 8785) for documents that are hashed: strings, integers below 2^53, booleans, null,
arrays, objects."""

import json
from typing import Any

import rfc8785

Json = Any
INTEGER_LIMIT = 2**53


class NotCanonical(ValueError):
    """The value or the text cannot be canonical JSON here. `path` names the place, `reason` the cause."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason


def dumps(value: Json) -> bytes:
    """UTF-8 text of the value. Raises NotCanonical for floats, integers from 2^53 on, lone surrogates,
    other types."""
    _check(value, "$")
    return rfc8785.dumps(value)


def loads(data: bytes) -> Json:
    """The value of a text that is canonical to the byte. Raises NotCanonical for every other text."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NotCanonical("$", "not JSON") from error
    if dumps(value) != data:
        raise NotCanonical("$", "not in canonical form")
    return value


def _check(value: Json, path: str) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, int):
        if abs(value) >= INTEGER_LIMIT:
            raise NotCanonical(path, "integer beyond 2^53")
    elif isinstance(value, str):
        _check_text(value, path)
    elif isinstance(value, list | tuple):
        for position, item in enumerate(value):
            _check(item, f"{path}[{position}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise NotCanonical(path, "key is not a string")
            _check_text(key, path)
            _check(item, f"{path}.{key}")
    else:
        raise NotCanonical(path, f"type {type(value).__name__}")


def _check_text(text: str, path: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonical(path, "lone surrogate") from error
