"""Step 1: the agency's plan with the hotel entry, the joint plan, its publication."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace

import pytest

from app.kernel.clock import SHANGHAI
from seeds.demo.plans import hotel_entry
from tests.browser.person import Person

pytestmark = pytest.mark.journey
Somebody = Callable[..., Person]
HOTELS = "J15"
PARTNERS = ("卫生健康", "市场监督管理")


def test_the_number_that_would_be_drawn_stands_beside_the_entry_while_it_is_composed(
    person: Somebody, story: SimpleNamespace
) -> None:
    admin = person("police_admin").go("/plans/").press("Own plan of the year").press("Open")
    story.agency_plan = admin.page.url
    admin.press("Add an entry").press("Choose", within=admin.page.locator("tr", has_text=HOTELS))
    entry = hotel_entry(datetime.now(SHANGHAI).date())
    story.entry_name = entry["name"]
    admin.fill("name", entry["name"])
    for name in PARTNERS:
        take_part(admin, name)
    for code, per_mille in entry["ratios"].items():
        admin.fill(f"ratio_{code}", f"{per_mille // 10}.{per_mille % 10}")
    admin.page.wait_for_selector('[data-drawn-total]:text-is("6")')
    admin.press("Store").sees(entry["name"])
    assert admin.page.locator("[data-drawn-total]").inner_text() == "6"


def test_the_police_report_their_plan(person: Somebody, story: SimpleNamespace) -> None:
    admin = person("police_admin")
    admin.page.goto(story.agency_plan)
    admin.press("Report").press("Report").reads("The plan has been reported.")


def test_the_office_takes_the_reported_entries_into_the_joint_plan_and_submits_it(
    person: Somebody, story: SimpleNamespace
) -> None:
    office = person("office").go("/plans/").press("Own plan of the year").press("Open")
    story.joint_plan = office.page.url.removeprefix(office.portal.url)
    office.press("Take over reported entries").sees(story.entry_name, HOTELS)
    office.press("Take into the joint plan").sees(story.entry_name, "84%")
    office.press("Submit").press("Submit").reads("The joint plan has been submitted.")
    assert office.named("Approve").count() == 0, "whoever submitted does not approve"


def test_the_reviewer_of_the_office_approves_and_the_office_publishes(
    person: Somebody, story: SimpleNamespace
) -> None:
    reviewer = person("office_reviewer").go(story.joint_plan)
    reviewer.press("Approve").press("Approve").reads("The joint plan has been approved.")
    office = person("office").go(story.joint_plan)
    office.press("Publish").press("Publish").reads("The plan has been published.")


def take_part(admin: Person, agency: str) -> None:
    """Tick the agency and all of its items."""
    for box in admin.page.locator("#items .eh-fieldset", has_text=agency).locator("input").all():
        box.check()
