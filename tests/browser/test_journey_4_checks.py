"""Step 4: the matched inspectors on their phones, and their reviewers."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser

from tests.browser.hurry import approve_all_forms, fill_all_forms
from tests.browser.person import PHONE, Person
from tests.browser.portal import Portal

pytestmark = pytest.mark.journey
Somebody = Callable[..., Person]
PROBLEM = "客房内未公示价目表，已责令改正。"
REMARK = "请补充现场负责人。"
REVIEWERS = ("police_reviewer", "amr_reviewer", "health_reviewer")


def inspector_of(person: Somebody, story: SimpleNamespace, agency: str) -> Person:
    """A matched inspector, on a phone."""
    account = next(row["account"] for row in story.matched if row["agency"] == agency)
    return person(account, window=PHONE)


def test_a_form_without_a_result_is_refused_with_a_sentence_and_keeps_its_entries(
    person: Somebody, story: SimpleNamespace
) -> None:
    inspector = inspector_of(person, story, "POLICE-640100").go("/visits/")
    assert inspector.wide() <= 0
    inspector.press("Fill in the check form")
    story.form = inspector.page.url.removeprefix(inspector.portal.url)
    assert inspector.page.locator("input[type=radio]:checked").count() == 0, "nothing is chosen beforehand"
    assert inspector.wide() <= 0
    answer_lines(inspector)
    fill_days(inspector).fill("accompanied_by", "赵随行")
    inspector.press("Submit for review", status=422)
    inspector.reads("Please choose a result. None is chosen for you.")
    assert inspector.page.locator('[name="accompanied_by"]').input_value() == "赵随行"
    assert inspector.page.locator("input[type=radio]:checked").count() == lines_of(inspector)


def test_a_problem_without_its_text_is_refused_and_one_with_it_goes_to_review(
    person: Somebody, story: SimpleNamespace
) -> None:
    inspector = inspector_of(person, story, "POLICE-640100")
    choose_result(inspector, "违反公安部门相关规定")
    inspector.press("Submit for review", status=422).reads("A problem needs its description.")
    assert inspector.page.locator('[name="accompanied_by"]').input_value() == "赵随行"
    inspector.fill("problem_text", PROBLEM).press("Submit for review")
    inspector.reads("The check form has been submitted for review.")


@pytest.mark.parametrize("agency", ["AMR-640100", "HEALTH-640100"])
def test_inspectors_of_the_other_agencies_fill_in_their_own_form(
    person: Somebody, story: SimpleNamespace, agency: str
) -> None:
    inspector = inspector_of(person, story, agency).go("/visits/").press("Fill in the check form")
    answer_lines(inspector)
    fill_days(inspector).press("Save").reads("Saved.")
    choose_result(inspector, "未发现问题")
    inspector.press("Submit for review").reads("The check form has been submitted for review.")


def test_a_reviewer_returns_a_form_and_the_inspector_corrects_it(
    person: Somebody, story: SimpleNamespace
) -> None:
    reviewer = person("health_reviewer").go("/reviews/").press("Review")
    reviewer.press("Return", status=409).fill("remark", REMARK).press("Return")
    reviewer.reads("Returned to the inspector.")
    inspector = inspector_of(person, story, "HEALTH-640100").go("/visits/")
    returned = inspector.page.locator("article", has_text=inspector.word("Returned"))
    inspector.press("Fill in the check form", within=returned).sees(REMARK)
    inspector.fill("accompanied_by", "钱负责").press("Submit for review")


def test_the_police_reviewer_approves_the_problem(person: Somebody, story: SimpleNamespace) -> None:
    reviewer = person("police_reviewer").go("/reviews/").press("Review").sees(PROBLEM)
    story.target = reviewer.page.locator("h1").evaluate("e => e.firstChild.data").strip()
    reviewer.press("Approve").reads("Approved. The result goes to publication.")


def test_all_other_forms_are_filled_in_and_approved(
    browser: Browser, portal: Portal, story: SimpleNamespace
) -> None:
    leads = {row["account"] for row in story.matched if row["role"] == "lead"}
    filled = sum(fill_all_forms(browser, portal, name) for name in sorted(leads))
    approved = sum(approve_all_forms(browser, portal, name) for name in REVIEWERS)
    assert (filled, approved) == (15, 17), "six targets, three agencies, three filled by hand, one approved"


def lines_of(inspector: Person) -> int:
    return inspector.page.locator('fieldset[id^="line-"]').count()


def answer_lines(inspector: Person) -> None:
    for option in inspector.page.locator('input[type=radio][name^="line-"][value="ok"]').all():
        option.check()


def fill_days(inspector: Person) -> Person:
    today = inspector.page.locator('[name="ended_on"]').get_attribute("max") or ""
    return inspector.fill("started_on", today).fill("ended_on", today)


def choose_result(inspector: Person, text: str) -> None:
    inspector.page.locator("#result label", has_text=text).locator("input").check()
