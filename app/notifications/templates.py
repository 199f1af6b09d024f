"""The wording of messages by kind. Domains register theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Template:
    """Lazy messages with %(name)s for the context."""

    subject: Any
    body: Any


_templates: dict[str, Template] = {}


def register_template(kind: str, *, subject: Any, body: Any) -> None:
    """Register the wording of `kind`: lazy messages, so that each reader gets the own language.

    :raises ValueError: when the kind has another wording already
    """
    new = Template(subject, body)
    if _templates.get(kind, new) != new:
        raise ValueError(f"the message kind {kind!r} is registered twice")
    _templates[kind] = new


def wording(kind: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """Subject (one line) and body in the language in force.

    :raises KeyError: for an unknown kind, or when the context lacks a name that the wording uses
    """
    template = _templates[kind]
    values = {name: str(value) for name, value in context.items()}
    subject = " ".join((str(template.subject) % values).split())
    return subject, str(template.body) % values


def known_kinds() -> frozenset[str]:
    return frozenset(_templates)
