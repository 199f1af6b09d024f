"""What a person may see: one value, computed once per request, carried by the session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import ColumnElement, false, true


@dataclass(frozen=True)
class Scope:
    """The rows within reach.

    - `agency_ids`: agencies whose own rows may be read and changed
    - `watch_agency_ids`: agencies below an office (or in an auditor's region), whose rows may be read
    - `region_ids`: regions whose shared directories (base targets) may be read
    - `user_id`: the person, for what is addressed to one person (visits, messages)
    - `everything`: system work, with the reason that the log shows
    - `published`: the public, who see what is published and nothing else
    """

    agency_ids: frozenset[int] = frozenset()
    watch_agency_ids: frozenset[int] = frozenset()
    region_ids: frozenset[int] = frozenset()
    user_id: int | None = None
    roles: frozenset[str] = frozenset()
    everything: bool = False
    published: bool = False
    reason: str = ""

    @classmethod
    def system(cls, reason: str) -> Scope:
        if not reason:
            raise ValueError("system work names its reason")
        return cls(everything=True, reason=reason)

    @classmethod
    def public(cls) -> Scope:
        return cls(published=True, reason="public")

    @classmethod
    def nothing(cls) -> Scope:
        return cls(reason="nothing")

    @property
    def person_id(self) -> int:
        """The person's account, -1 where there is none: a criterion with it then finds nothing."""
        return self.user_id or -1

    def holds(self, role: str) -> ColumnElement[bool]:
        """Whether the person holds a role, as a criterion."""
        return true() if role in self.roles else false()

    @property
    def readable_agency_ids(self) -> frozenset[int]:
        return self.agency_ids | self.watch_agency_ids

    @property
    def settings(self) -> tuple[str, ...] | None:
        """What PostgreSQL is told, in the order of `app.db.rows.SETTINGS`; None: everything may be seen."""
        return None if self.everything else _settings(self)


@lru_cache(maxsize=256)
def _settings(scope: Scope) -> tuple[str, ...]:
    def joined(values: Iterable[object]) -> str:
        return ",".join(sorted(map(str, values)))

    return (
        joined(scope.agency_ids),
        joined(scope.watch_agency_ids),
        joined(scope.region_ids),
        str(scope.person_id),
        joined(scope.roles),
    )
