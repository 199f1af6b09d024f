"""Journey step 1: the police report the hotel entry, the office composes, its reviewer approves, it is
published.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import Event
from app.kernel.errors import NotFound, Refused
from app.plans import after_publication, services
from app.plans.models import Plan
from app.plans.queries import coverage_of, expected_draw, published_entries_for
from app.plans.rules import EntryState, PlanState
from tests.plans.conftest import YEAR, agency, joint

Act = Callable[..., Any]


def _form_values(html: str) -> dict[str, list[str]]:
    """What a browser would post of the page's entry form, without its buttons."""
    form = html[html.index('name="joint"') - 4000 :]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        kind = re.search(r'type="([^"]+)"', tag)
        if name is None or name.group(1) in {"csrf_token", "q"}:
            continue
        if kind and kind.group(1) in {"checkbox", "radio"} and " checked" not in tag:
            continue
        found.setdefault(name.group(1), []).append(value.group(1) if value else "")
    for select_name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option[^>]*selected[^>]*value="([^"]*)"', body)
        chosen = chosen or re.search(r'value="([^"]*)"[^>]*selected', body)
        found[select_name] = [chosen.group(1)] if chosen else [re.findall(r'value="([^"]*)"', body)[0]]
    return found


@pytest.mark.rule("R-18.1")
@pytest.mark.rule("R-18.2")
@pytest.mark.rule("R-19.1")
def test_the_hotel_entry_goes_from_the_police_to_the_published_joint_plan(
    app: Any, client_as: Callable[..., Any], session: Session
) -> None:
    police = client_as("police_admin")
    opened = police.post("/plans/new", data={"year": str(YEAR), "name": "2026年度市公安局随机抽查工作计划"})
    plan_url = opened.location
    hotel = joint(session, "J15")
    assert "宾馆" in police.get(f"{plan_url}/entries/new").text
    page = police.get(f"{plan_url}/entries/new?joint={hotel.id}").text
    values = _form_values(page)
    assert values["industries"] == ["6110 6121 6129 6130"] and values["regions"] == ["640100"]
    for code, items in (("HEALTH-640100", ["HEALTH-01"]), ("AMR-640100", ["AMR-01"])):
        who = agency(session, code).id
        values["agency"].append(str(who))
        ids = [part.item_id for part in hotel.parts if part.item.code in items]
        values["items"] += [f"{who}:{item_id}" for item_id in ids]
    for letter, ratio in {"A": "0.8", "B": "2", "C": "5", "D": "10", "N": "1.5"}.items():
        values[f"ratio_{letter}"] = [ratio]
    values["industries"] = ["611*, 612*, 613*"]
    estimate = police.post("/plans/entries/estimate", data=values)
    assert estimate.status_code == 200
    assert re.search(r"data-drawn-total>6<", estimate.text)
    calculated = police.post(f"{plan_url}/entries/new", data={**values, "act": "calculate"})
    assert calculated.status_code == 200 and re.search(r"data-drawn-total>6<", calculated.text)
    stored = police.post(f"{plan_url}/entries/new", data={**values, "act": "store"})
    assert stored.status_code == 302, stored.text
    entry_page = police.get(stored.location).text
    assert "银川市卫生健康委员会" in entry_page and re.search(r"data-drawn-total>6<", entry_page)
    assert police.post(f"{plan_url}/report").status_code == 302

    office = client_as("office")
    joint_url = office.post(
        "/plans/new", data={"year": str(YEAR), "name": "2026年度银川市联合抽查计划"}
    ).location
    offered = office.get(f"{joint_url}/take").text
    entries = re.findall(r'name="entries" value="(\d+)"', offered)
    assert len(entries) == 16
    assert office.post(f"{joint_url}/take", data={"entries": entries}).status_code == 302
    assert office.post(f"{joint_url}/submit").status_code == 302
    assert client_as("office_reviewer").post(f"{joint_url}/approve").status_code == 302
    assert office.post(f"{joint_url}/publish").status_code == 302

    plan = session.get(Plan, int(joint_url.rpartition("/")[2]))
    assert plan is not None
    session.refresh(plan)
    assert (plan.state, plan.no) == (PlanState.PUBLISHED, "6401-2026-J")
    found = published_entries_for(session, agency(session, "POLICE-640100").id, YEAR)
    assert [entry.state for entry in found] == [EntryState.PUBLISHED]
    assert expected_draw(session, found[0])["total"] == 6
    tags = list(
        session.scalars(select(Event.tag).where(Event.subject == f"plan:{plan.id}").order_by(Event.id))
    )
    assert tags == ["plan.opened", "plan.submitted", "plan.approved", "plan.published"]


@pytest.mark.rule("R-18.3")
def test_the_hotel_entry_lifts_the_coverage_above_eighty_percent(act_as: Act, joint_plan: Plan) -> None:
    with act_as("office") as unit:
        reached = coverage_of(unit.session, unit.session.get(Plan, joint_plan.id))
    assert (reached.covered, reached.total, reached.is_enough) == (16, 19, True)


@pytest.mark.rule("R-18.3")
def test_below_eighty_percent_only_the_office_above_lets_it_pass(
    act_as: Act, joint_plan: Plan, session: Session
) -> None:
    with act_as("office") as unit:
        hotel = next(e for e in unit.session.get(Plan, joint_plan.id).entries if e.joint_item.code == "J15")
        services.remove_entry(unit, hotel.id)
        services.submit_joint(unit, joint_plan.id)
    with act_as("office_reviewer") as unit:
        services.approve_joint(unit, joint_plan.id)
    with pytest.raises(Refused) as refused, act_as("office") as unit:
        services.publish_joint(unit, joint_plan.id)
    assert refused.value.code == "coverage_too_low"
    assert (refused.value.facts["covered"], refused.value.facts["missing"]) == (15, 1)
    with pytest.raises(Refused) as refused, act_as("office") as unit:
        services.override_coverage(unit, joint_plan.id, "本级自行决定")
    assert refused.value.code == "override_by_office_above"
    with act_as("region_office") as unit:
        services.override_coverage(unit, joint_plan.id, "公安机关上半年专项行动，旅馆业抽查改在下一年度")
    with act_as("office") as unit:
        assert services.publish_joint(unit, joint_plan.id).state == PlanState.PUBLISHED


@pytest.mark.rule("R-18.2")
def test_whoever_submits_the_joint_plan_does_not_approve_it(act_as: Act, joint_plan: Plan) -> None:
    plan_id = joint_plan.id
    with act_as("office") as unit:
        services.submit_joint(unit, plan_id)
    with pytest.raises(Refused), act_as("office") as unit:
        services.approve_joint(unit, plan_id)
    with pytest.raises(NotFound), act_as("police_reviewer") as unit:
        services.approve_joint(unit, plan_id)


def test_higher_domains_hear_of_a_publication_in_its_transaction(act_as: Act, joint_plan: Plan) -> None:
    heard: list[str] = []

    def listen(unit: Any, plan: Plan) -> None:
        heard.append(plan.no)

    after_publication.add(listen)
    try:
        with act_as("office") as unit:
            services.submit_joint(unit, joint_plan.id)
        with act_as("office_reviewer") as unit:
            services.approve_joint(unit, joint_plan.id)
        with act_as("office") as unit:
            services.publish_joint(unit, joint_plan.id)
            services.publish_joint(unit, joint_plan.id)
    finally:
        after_publication._things = [pair for pair in after_publication._things if pair[1] is not listen]
    assert heard == ["6401-2026-J"]
