"""Records with personal data: domains register theirs, so that one page serves the requests to see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Actor
from app.kernel.errors import NotFound
from app.kernel.places import Place
from app.security.protection.rules import Kind


@dataclass(frozen=True)
class Subject:
    """`fields`: attribute of the model to its kind and label; `url(id)` leads back to the record's page.

    `reads`: the permission that the record's own page needs, (`can_show`, view). `find` stands in for the choke
    point where the area of a person is another one.
    """

    name: str
    model: type[Any]
    fields: Mapping[str, tuple[Kind, Any]]
    url: Callable[[int], str]
    reads: tuple[str, str]
    find: Callable[[Session, Actor, int], Any] | None = None

    def load(self, session: Session, actor: Actor, record_id: int) -> Any:
        """The record within the scope.

        :raises NotFound: not there, or not within the scope
        """
        if self.find is not None:
            return self.find(session, actor, record_id)
        found = session.scalars(select(self.model).where(self.model.id == record_id)).first()
        if found is None:
            raise NotFound("not_in_scope", kind=self.name)
        return found


subjects: Place[Subject] = Place("subjects of personal data")


def subject_named(name: str) -> Subject:
    """:raises NotFound: nothing of that name has personal data"""
    found = next((subject for subject in subjects if subject.name == name), None)
    if found is None:
        raise NotFound("not_in_scope", kind=name)
    return found
