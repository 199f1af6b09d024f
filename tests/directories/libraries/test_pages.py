"""The pages of libraries on the demo."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.directories.libraries.models import Library, LibraryPick
from app.directories.libraries.queries import members
from app.directories.libraries.rules import SelectionRule
from app.directories.targets.models import Target
from app.security.models import Account

HOTELS = {"kinds": ["enterprise"], "industries": ["61"], "status": ["active"]}


def _add(client, **more):
    values = {"name": "住宿业", "kind": "category", **HOTELS, **more}
    return client.post("/libraries/add", data=values)


def _members(act_as, library, name="police_clerk"):
    """Ids of the members that this person sees."""
    with act_as(name) as unit:
        return set(unit.session.scalars(members(unit.session, library)))


def _others(act_as, library, number):
    """Ids of targets that this person sees and the library does not hold."""
    inside = _members(act_as, library)
    with act_as("police_clerk") as unit:
        return [n for n in unit.session.scalars(select(Target.id).order_by(Target.id)) if n not in inside][
            :number
        ]


def _library(session, name="住宿业"):
    session.expire_all()
    return session.scalars(select(Library).where(Library.name == name)).one()


def test_every_page_of_the_libraries_opens(client_as, session):
    client = client_as("police_clerk")
    library = session.scalars(select(Library).where(Library.agency.has(code="POLICE-640100"))).first()
    for path in (
        "/libraries/",
        "/libraries/?kind=industry",
        f"/libraries/{library.id}",
        f"/libraries/{library.id}/edit",
        f"/libraries/{library.id}/picks",
        f"/libraries/{library.id}/difference",
        "/libraries/add",
        "/libraries/add?template=11",
        "/libraries/templates",
        "/libraries/joint/add",
        "/libraries/joint/people/add",
        "/libraries/into",
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path


def test_a_template_begins_with_its_name_and_what_can_be_said_of_its_rule(client_as):
    page = client_as("amr_clerk").get("/libraries/add?template=11").text
    assert 'value="餐饮企业专项库"' in page
    assert 'value="food_business"' in page and "checked" in page


def test_the_filters_of_the_list_become_a_library_and_come_back_as_filters(client_as, session):
    client = client_as("police_clerk")
    page = client.get("/libraries/add?kind=enterprise&industry=61&not_checked_since=2025-01-31&q=宾馆").text
    assert 'value="2025-01-31"' in page
    assert "搜索" in page or "Search" in page
    assert _add(client, not_checked_since="2025-01-31").status_code == 302
    library = _library(session)
    assert library.rule == {**HOTELS, "not_checked_since": ["2025-01-31"]}
    shown = client.get(f"/libraries/{library.id}").text
    assert "not_checked_since=2025-01-31" in shown and "industry=61" in shown
    listed = client.get(f"/targets/?library={library.id}")
    assert listed.status_code == 200


def test_the_count_button_shows_figures_and_saves_nothing(client_as, session):
    client = client_as("police_clerk")
    answer = client.post(
        "/libraries/add", data={"name": "住宿业", "kind": "category", **HOTELS, "act": "count"}
    )
    assert answer.status_code == 200
    assert session.scalars(select(Library).where(Library.name == "住宿业")).first() is None
    piece = client.post("/libraries/count", data=HOTELS)
    assert piece.status_code == 200 and "<html" not in piece.text
    assert client.post("/libraries/count", data={**HOTELS, "permits": "nothing"}).status_code == 200


def test_a_permit_that_is_none_is_named_beside_its_field(client_as):
    page = _add(client_as("police_clerk"), permits="no_such_permit")
    assert page.status_code == 422
    assert "no_such_permit" in page.text


def test_ticked_targets_go_into_a_library_with_a_reason(client_as, act_as, session):
    client = client_as("police_clerk")
    _add(client)
    library = _library(session)
    inside, others = _members(act_as, library), _others(act_as, library, 3)
    values = {"ids": others, "library": library.id, "included": "yes", "act": "save"}
    assert client.post("/libraries/into", data={"ids": others}).status_code == 200
    assert client.post("/libraries/into", data={**values, "reason": " "}).status_code == 422
    assert client.post("/libraries/into", data={**values, "reason": "群众举报较多"}).status_code == 302
    assert _members(act_as, library) == inside | set(others)
    assert "群众举报较多" in client.get(f"/libraries/{library.id}/picks?what=added").text
    assert "群众举报较多" not in client.get(f"/libraries/{library.id}/picks?what=excluded").text


def test_all_that_the_filters_leave_can_be_excluded_at_once(client_as, act_as, session):
    client = client_as("police_clerk")
    _add(client)
    library = _library(session)
    before = _members(act_as, library)
    values = {"all": "1", "industry": "61", "library": library.id, "included": "no", "act": "save"}
    assert "/libraries/add" in client.post("/libraries/into", data={"all": "1", "industry": "61"}).text
    assert client.post("/libraries/into", data={**values, "reason": "另行组织专项检查"}).status_code == 302
    assert before and _members(act_as, library) == set()
    picks = session.scalars(select(LibraryPick).where(LibraryPick.library_id == library.id)).all()
    assert {pick.included for pick in picks} == {False}
    assert before <= {pick.target_id for pick in picks}


def test_picks_are_turned_over_page_by_page(client_as, act_as, session):
    client = client_as("police_clerk")
    _add(client)
    library = _library(session)
    ids = _others(act_as, library, 60)
    values = {"ids": ids, "library": library.id, "included": "yes", "act": "save", "reason": "人工补录"}
    client.post("/libraries/into", data=values)
    first = client.get(f"/libraries/{library.id}/picks").text
    assert f"after={ids[49]}" in first
    assert client.get(f"/libraries/{library.id}/picks?after={ids[49]}").text.count("人工补录") == 10


def test_nobody_puts_targets_into_the_library_of_another_agency(client_as, session):
    _add(client_as("police_clerk"))
    library = _library(session)
    target = session.scalars(select(Target.id).limit(1)).one()
    values = {"ids": [target], "library": library.id, "included": "yes", "reason": "x", "act": "save"}
    assert client_as("health_clerk").post("/libraries/into", data=values).status_code in (404, 422)
    assert session.scalars(select(LibraryPick).where(LibraryPick.library_id == library.id)).all() == []
    assert client_as("health_clerk").get(f"/libraries/{library.id}").status_code == 404


def test_the_page_of_a_target_names_its_libraries_and_why(client_as, session):
    client = client_as("police_clerk")
    _add(client)
    library = _library(session)
    target = session.scalars(members(session, library).limit(1)).first()
    assert library.name in client.get(f"/targets/{target}").text
    client.post(
        f"/libraries/{library.id}/picks", data={"target": target, "included": "no", "reason": "停业整顿中"}
    )
    assert "停业整顿中" in client.get(f"/targets/{target}").text


def test_the_log_of_a_library_says_who_changed_what(client_as, session):
    client = client_as("police_clerk")
    _add(client)
    library = _library(session)
    target = session.scalars(members(session, library).limit(1)).first()
    client.post(
        f"/libraries/{library.id}/picks", data={"target": target, "included": "no", "reason": "停业整顿中"}
    )
    account = session.scalars(select(Account).where(Account.username == "police_clerk")).one()
    page = client.get(f"/libraries/{library.id}").text
    assert account.get_full_name() in page


@pytest.mark.parametrize("rule", [{"libraries": ["1"]}])
def test_a_library_does_not_select_from_libraries(act_as, rule):
    from app.directories.libraries.services import create_library
    from app.kernel.errors import Invalid

    with act_as("police_clerk") as unit, pytest.raises(Invalid):
        create_library(unit, unit.actor.agency_id, "嵌套", "category", rule)
    assert SelectionRule.from_json(rule).libraries == ("1",)
