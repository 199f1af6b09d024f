"""What a rule answers: a value that explains itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.kernel.errors import Refused as RefusedError


@dataclass(frozen=True)
class Allowed:
    """The act may go on. `facts` hold what the page may want to show (a deadline, a count)."""

    facts: dict[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return True

    def require(self) -> Allowed:
        return self


@dataclass(frozen=True)
class Refusal:
    """The act may not go on, and why. `rule` is the name of the rule that stands behind it."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)
    rule: str | None = None

    def __bool__(self) -> bool:
        return False

    def require(self) -> Allowed:
        """Raise the error that carries this refusal to the person.

        :raises app.kernel.errors.Refused: always
        """
        raise RefusedError(self.code, **({"rule": self.rule} if self.rule else {}), **self.facts)


Decision = Allowed | Refusal

ALLOWED = Allowed()


def refused(code: str, rule: str | None = None, **facts: Any) -> Refusal:
    return Refusal(code, facts, rule)


def first_refusal(*decisions: Decision) -> Decision:
    """The first refusal among the decisions, or ALLOWED."""
    return next((d for d in decisions if not d), ALLOWED)
