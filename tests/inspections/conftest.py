"""A matched draw with its visits, approved or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.db import db
from app.inspections import services
from app.inspections.models import CheckForm, ResultVocabulary
from app.security.scope import Scope
from tests.inspections.world import World, entry_for, form_of, make_world


@pytest.fixture
def world(act_as_system: Any) -> World:
    """Matched; no visit is set up yet."""
    with act_as_system() as unit:
        return make_world(unit)


@pytest.fixture
def visits(world: World, act_as: Any) -> World:
    """Set up by the initiator's clerk, waiting for the approval."""
    with act_as("police_clerk") as unit:
        services.set_up_visits(unit, world.draw_id)
    return world


@pytest.fixture
def approved(visits: World, act_as: Any) -> World:
    with act_as("police_reviewer") as unit:
        services.approve_visits(unit, visits.task_id)
    return visits


@pytest.fixture
def look(app: Any) -> Callable[[], Any]:
    """A session that sees everything and reads anew."""

    def fresh() -> Any:
        found = db.session()
        found.expire_all()
        found.info["scope"] = Scope.system("test")
        return found

    return fresh


@pytest.fixture
def result_ids(look: Any) -> dict[str, int]:
    rows = look().scalars(select(ResultVocabulary).where(ResultVocabulary.scheme == "second_generation"))
    return {row.code: row.id for row in rows}


@pytest.fixture
def submit(approved: World, act_as: Any, look: Any, result_ids: dict[str, int]) -> Callable[..., CheckForm]:
    """`submit("AMR-640100", 0, result="E", problem_text="...")`: by the group's leader of the agency."""

    def do(agency: str, number: int = 0, result: str = "1", **changes: Any) -> CheckForm:
        form = form_of(look(), approved, agency, number)
        with act_as(approved.people[agency][0]) as unit:
            return services.submit_form(unit, form.id, entry_for(form, result_ids[result], **changes))

    return do
