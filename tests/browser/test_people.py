"""From the invitation to the last day: a clerk, the office that keeps the accounts, and who watches over it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace

import pyotp
import pytest
from playwright.sync_api import Browser

from app.kernel.clock import SHANGHAI
from tests.browser.person import Person
from tests.browser.portal import Portal
from tests.browser.test_axe import grave

pytestmark = pytest.mark.journey
Somebody = Callable[..., Person]
NAME = "周新员"
AGENCY = "卫生健康委员会"
OWN_PASSWORD = "Yinhe-7-jiudian"
REASON = "科室新进人员，接替办理抽查事务"
REPLACEMENT = "审核员休假期间代理"


@pytest.fixture(scope="module")
def clerk(portal: Portal, browser: Browser) -> Iterator[Person]:
    """The newcomer at a desk of their own; who that is, the slip says."""
    newcomer = Person(browser, portal, "newcomer")
    yield newcomer
    newcomer.close()


def test_the_office_invites_a_clerk_without_a_mail_address_and_prints_a_slip(
    person: Somebody, story: SimpleNamespace
) -> None:
    office = person("office").go("/people/").press("Invite a person")
    office.press("Invite", status=422)
    office.fill("name", NAME).fill("title", "科员").fill("reason", REASON).choose("roles", "clerk")
    unit = office.page.locator('[name="agency"] option', has_text=AGENCY)
    office.page.locator('[name="agency"]').select_option(value=unit.first.get_attribute("value"))
    office.press("Invite").sees(NAME, AGENCY)
    assert grave(office.page) == []
    story.username, story.first_password = office.page.locator(".eh-slip dd.eh-mono").all_inner_texts()
    office.press("Back").sees(NAME).reads("first password, to be changed")
    story.newcomer = office.page.url.rpartition("/")[2]


def test_the_first_password_opens_nothing_but_the_page_on_which_it_is_changed(
    clerk: Person, story: SimpleNamespace
) -> None:
    enter(clerk, story.username, story.first_password)
    assert clerk.page.url.endswith("/me/password")
    assert clerk.go("/targets/").page.url.endswith("/me/password")
    change(clerk, story.first_password, story.first_password, status=422)
    change(clerk, story.first_password, OWN_PASSWORD)
    assert clerk.page.url == f"{clerk.portal.url}/", "on the workbench"
    clerk.reads("Your password has been changed. All other sessions have ended.").sees(NAME)
    clerk.go("/tasks/")


def test_the_clerk_sets_up_one_time_codes_and_shows_one_at_the_next_log_in(
    clerk: Person, story: SimpleNamespace
) -> None:
    clerk.go("/me/factors/").press("Set up one-time codes")
    assert grave(clerk.page) == []
    secret = clerk.page.locator("[data-secret]").inner_text().replace(" ", "")
    codes = pyotp.TOTP(secret)
    clerk.fill("code", "12").press("Confirm")
    clerk.page.wait_for_load_state()
    clerk.fill("code", codes.at(datetime.now(SHANGHAI))).press("Confirm")
    story.recovery = clerk.page.locator(".eh-codes li").all_inner_texts()
    assert len(set(story.recovery)) == 10
    assert grave(clerk.page) == []
    clerk.go("/")
    clerk.page.locator("summary.eh-who").click()
    clerk.press("Log out")
    enter(clerk, story.username, OWN_PASSWORD)
    assert clerk.page.url.endswith("/login/second"), "the password alone opens nothing"
    for lang in ("en", "zh_CN"):
        clerk.locale = lang
        clerk.press_part(f'footer button[lang="{lang.replace("_", "-")}"]')
        assert grave(clerk.page) == []
    clerk.fill("code", codes.at(datetime.now(SHANGHAI), counter_offset=1)).press("Go on with the code")
    assert clerk.page.url == f"{clerk.portal.url}/"


def test_the_office_gives_a_role_until_a_day_and_everybody_can_read_why(
    person: Somebody, story: SimpleNamespace
) -> None:
    story.until = until = str(datetime.now(SHANGHAI).date() + timedelta(days=10))
    office = person("office").go(f"/people/{story.newcomer}").press("Give a role")
    office.page.locator('[name="role"]').select_option("reviewer")
    office.fill("until", until).press("Give the role", status=422)
    office.fill("reason", REPLACEMENT).press("Give the role").reads("The role is given.")
    office.sees(until, REPLACEMENT)
    office.press("What this person can do")
    assert office.page.url.endswith(f"/roles/explain/{story.newcomer}")
    office.reads("Reviewer").sees(NAME, AGENCY, until, REPLACEMENT)


def test_another_agencys_administrator_does_not_find_the_person(
    person: Somebody, story: SimpleNamespace
) -> None:
    admin = person("police_admin").go(f"/people/{story.newcomer}", status=404)
    admin.go(f"/roles/explain/{story.newcomer}", status=404)
    admin.go(f"/people/?q={NAME}").reads("Nobody fits")
    person("health_admin").go(f"/people/{story.newcomer}").sees(NAME, REPLACEMENT)


def test_the_new_role_asks_for_a_new_log_in_and_a_recovery_code_replaces_the_phone(
    clerk: Person, story: SimpleNamespace
) -> None:
    clerk.press_part(".eh-nav a")
    assert "/login/" in clerk.page.url
    clerk.reads("Your roles were changed. Please log in again, so that they hold.")
    enter(clerk, story.username, OWN_PASSWORD)
    clerk.fill("code", "000000").press("Go on with the code", status=401)
    assert clerk.page.url.endswith("/login/second")
    clerk.fill("code", story.recovery[0]).press("Go on with the code")
    clerk.go("/reviews/")


def test_whoever_has_left_is_at_the_log_in_with_the_next_click(
    person: Somebody, clerk: Person, story: SimpleNamespace
) -> None:
    office = person("office").go(f"/people/{story.newcomer}")
    office.press_part(f'a[href="/people/{story.newcomer}/leave"]')
    office.fill("reason", "调离本单位").press("Let leave").sees(NAME)
    office.reads("Let return")
    clerk.press_part(".eh-nav a")
    assert "/login/" in clerk.page.url
    clerk.reads("This account is closed. If you think that this is a mistake, ask your administrator.")
    enter(clerk, story.username, OWN_PASSWORD)
    assert re.search("/login/$", clerk.page.url), "the account opens nothing any more"


def test_the_audit_administrator_reads_all_of_it_in_the_security_log(
    person: Somebody, story: SimpleNamespace
) -> None:
    lines = person("auditadmin").go(f"/security-log/?text=account:{story.newcomer}")
    lines.reads("Account created, person invited", "First password printed", "Password changed")
    lines.reads("Second factor set up", "Role granted", "Account closed: the person has left")
    until = lines.word("until %(day)s") % {"day": story.until}
    lines.sees(f"{lines.word('Reviewer')} @ HEALTH-640100 {until}: {REPLACEMENT}")
    lines.reads("one-time code", "recovery code")
    lines.go(f"/security-log/?person={story.username}").reads("Logged in", "Logged out")


def test_the_security_administrator_opens_the_policy(person: Somebody) -> None:
    person("secadmin").go("/security-policy/").reads("Security policy")


def enter(one: Person, username: str, password: str) -> None:
    one.go("/login/").fill("username", username).fill("password", password).press("Log in")


def change(one: Person, old: str, new: str, status: int = 200) -> None:
    one.fill("old", old).fill("new", new).fill("again", new)
    one.press_part("main form button[type=submit]", status)
