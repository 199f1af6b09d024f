"""axe-core on every page type of every role, in both languages, on what the journey left; phone widths."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.person import DESK, PHONE, Person
from tests.browser.portal import Portal

VENDOR = Path(__file__).parent / "vendor"
AXE = VENDOR / "axe.min.js"
GRAVE = ("serious", "critical")
# The scripts of the page have begun; a function, since the policy of the pages forbids to evaluate text.
STARTED = """async () => {
  const rest = (ms) => new Promise((go) => setTimeout(go, ms));
  for (let i = 0; i < 40 && document.querySelector("[data-module]:not([data-started])"); i++) await rest(25);
  await rest(50);
}"""
Somebody = Callable[..., Person]

# Addresses, or "list > pattern": the first link of the list page that fits. Each page type stands once.
PAGES: dict[str, tuple[str, ...]] = {
    "police_clerk": (
        "/",
        "/messages/",
        "/mailbox/",
        "/search?q=示例",
        "/me/",
        "/me/password",
        "/me/sessions",
        "/me/history",
        "/help/clerk",
        "/targets/",
        "/targets/ > /targets/[0-9]+",
        "/inspectors/",
        "/libraries/ > /libraries/[0-9]+",
        "/libraries/add",
        "/recusals/",
        "/recusals/declare",
        "/tasks/",
        "/tasks/new",
        "/tasks/ > /tasks/[0-9]+",
        "/draws/",
        "/draws/ > /draws/[0-9-]+/",
        "/tasks/?state=archived > /tasks/[0-9]+ > /matching/.+",
        "/visits/",
        "/visits/ > /visits/[0-9]+",
        "/follow-ups/?show=all > /follow-ups/[0-9]+",
        "/publications/",
        "/publications/ > /publications/[0-9]+",
        "/dossiers/ > /dossiers/[0-9]+",
    ),
    "police_admin": (
        "/plans/",
        "/plans/ > /plans/[0-9]+ > /plans/entries/[0-9]+",
        "/items/",
        "/items/ > /items/[0-9]+",
        "/targets/add",
        "/imports/targets/new",
        "/inspectors/ > /inspectors/[0-9]+",
        "/inspectors/add",
    ),
    "health_admin": (
        "/people/",
        "/people/ > /people/[0-9]+",
        "/people/ > /people/[0-9]+ > /people/[0-9]+/grant/[0-9]+",
        "/people/ > /people/[0-9]+ > /roles/explain/[0-9]+",
        "/people/invite",
        "/people/invitations",
        "/roles/",
        "/roles/ > /roles/[0-9]+",
        "/roles/matrix",
        "/me/factors/",
    ),
    "police_reviewer": ("/reviews/?show=settled > /reviews/[0-9]+", "/reviews/"),
    "office": (
        "/plans/ > /plans/[0-9]+",
        "/overdue/",
        "/designer/",
        "/designer/new",
        "/events/",
        "/regulation",
        "/vocabulary/agencies/list/",
        "/vocabulary/calendar/list/",
        "/experts/list/",
        "/people/",
        "/people/?q=police_clerk > /people/[0-9]+",
        "/people/?q=police_clerk > /people/[0-9]+ > /people/[0-9]+/leave",
        "/people/?q=police_clerk > /people/[0-9]+ > /people/[0-9]+/move/[0-9]+",
        "/people/agencies",
        "/people/moves/",
        "/roles/matrix",
        "/roles/new",
        "/roles/who-can-see/",
    ),
    "auditor": (
        "/",
        "/draws/ > /draws/[0-9-]+/ > /draws/[0-9-]+/receipt",
        "/events/ > /events/record[?].+",
    ),
    "sysadmin": ("/ops/", "/ops/jobs/", "/ops/channels/", "/ops/schedules/", "/ops/storage/"),
    "secadmin": ("/security-policy/", "/security-policy/change", "/security-policy/locked"),
    "auditadmin": ("/security-log/", "/security-alerts/"),
}
PUBLIC = (
    "/public/",
    "/public/plans",
    "/public/plans > /public/plans/.+",
    "/public/draws",
    "/public/draws > /public/draws/[0-9-]+",
    "/public/draws > /public/draws/[0-9-]+ > /public/draws/.+/check",
    "/public/results",
    "/public/results > /public/targets/.+",
    "/public/log",
    "/login/",
    "/public/nothing-here",
)
PHONE_PAGES: dict[str, tuple[str, ...]] = {
    "police_clerk": (
        "/",
        "/targets/",
        "/tasks/ > /tasks/[0-9]+",
        "/tasks/?state=archived > /tasks/[0-9]+ > /matching/.+",
        "/draws/ > /draws/[0-9-]+/",
        "/visits/ > /visits/[0-9]+",
        "/publications/",
    ),
    "office": (
        "/plans/ > /plans/[0-9]+",
        "/items/ > /items/[0-9]+",
        "/events/",
        "/designer/new",
        "/people/",
        "/people/?q=police_clerk > /people/[0-9]+",
        "/people/invite",
        "/people/?q=police_clerk > /people/[0-9]+ > /roles/explain/[0-9]+",
        "/roles/",
        "/roles/matrix",
        "/me/",
        "/me/sessions",
        "/me/factors/",
    ),
    "secadmin": ("/security-policy/", "/security-policy/change"),
    "auditadmin": ("/security-log/", "/security-alerts/"),
}


@pytest.fixture(scope="module")
def walked(portal: Portal) -> Portal:
    """A portal on which the loop has run: by the journey's tests, or by the command where they were left out."""
    with urlopen(f"{portal.url}/public/draws.json") as answer:
        drawn = b"-0001-1" in answer.read()
    if not drawn:
        portal.command("demo", "journey")
    return portal


class Surveyor:
    """Walks the ways with one person; an address that was found once is not looked for again."""

    def __init__(self, page: Page, portal: Portal, query: str = "") -> None:
        self.page, self.portal, self.query = page, portal, query
        self._addresses: dict[str, str | None] = {}

    def survey(self, ways: tuple[str, ...], look: Callable[[Page], Any]) -> dict[str, Any]:
        """What `look` finds on each page; a page to which no link leads is a finding too."""
        found = {}
        for way in ways:
            address = self._find(way)
            if address is None:
                found[way] = "no link leads there"
                continue
            found[way] = self._opened(address) or look(self.page)
        return {way: what for way, what in found.items() if what}

    def _find(self, way: str) -> str | None:
        if way not in self._addresses:
            before, _, pattern = way.rpartition(" > ")
            self._addresses[way] = (
                self._link(before, pattern) if before else self.portal.url + pattern + self.query
            )
        return self._addresses[way]

    def _opened(self, address: str) -> str:
        """Nothing, or why the page is not the one that is meant: a page of errors has no faults of its own."""
        if self.page.url == address:
            return ""
        answer = self.page.goto(address)
        expected = 404 if address.endswith("/nothing-here" + self.query) else 200
        return (
            "" if answer and answer.status == expected else f"{answer and answer.status} at {self.page.url}"
        )

    def _link(self, before: str, pattern: str) -> str | None:
        address = self._find(before)
        if address is None:
            return None
        self._opened(address)
        fits = re.compile(re.escape(self.portal.url) + pattern + re.escape(self.query))
        links = self.page.eval_on_selector_all("a[href]", "found => found.map(a => a.href)")
        return next((link for link in links if fits.fullmatch(link)), None)


def grave(page: Page) -> list[str]:
    """What axe calls serious or critical on the open page."""
    page.evaluate(STARTED)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: Any = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{fault['impact']} {fault['id']}: {node['html'][:160]}"
        for fault in found["violations"]
        if fault["impact"] in GRAVE
        for node in fault["nodes"]
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window; 0 for none."""
    by: Any = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return max(0, int(by))


def test_axe_is_the_published_one() -> None:
    listing = tomllib.loads((VENDOR / "VENDOR.toml").read_text(encoding="utf-8"))
    for package in listing["package"]:
        for name, digest in package["files"].items():
            assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name


def test_axe_finds_a_fault_where_there_is_one(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<html lang='en'><title>t</title><main><h1>t</h1><input><img src='x'></main></html>")
    found = grave(page)
    page.close()
    assert {fault.split()[1] for fault in found} == {"image-alt:", "label:"}


@pytest.mark.parametrize("name", PAGES)
def test_no_staff_page_has_a_grave_fault(person: Somebody, walked: Portal, name: str) -> None:
    one = person(name, window=DESK)
    surveyor = Surveyor(one.page, walked)
    assert surveyor.survey(PAGES[name], grave) == {}
    one.go("/me/").speak("en")
    assert surveyor.survey(PAGES[name], grave) == {}


@pytest.mark.parametrize(("lang", "query"), [("zh-CN", ""), ("en", "?lang=en")])
def test_no_public_page_has_a_grave_fault(visitor: Somebody, walked: Portal, lang: str, query: str) -> None:
    def look(page: Page) -> list[str]:
        spoken = page.locator("html").get_attribute("lang")
        return grave(page) + ([f"the page speaks {spoken}"] if spoken != lang else [])

    assert Surveyor(visitor(window=DESK).page, walked, query).survey(PUBLIC, look) == {}


def test_an_inspectors_form_has_no_grave_fault(person: Somebody, walked: Portal) -> None:
    with urlopen(f"{walked.url}/public/draws.json") as answer:
        number = json.load(answer)["items"][0]["key"]
    matched = walked.json("demo", "who-is-matched", number)
    one = person(matched[0]["account"], window=PHONE).go("/")  # in again: the clock has moved
    ways = ("/", "/visits/?show=all", "/visits/?show=all > /visits/[0-9]+", "/matching/mine")
    surveyor = Surveyor(one.page, walked)
    assert surveyor.survey(ways, grave) == {}
    assert surveyor.survey(ways, overflow) == {}


@pytest.mark.parametrize("name", PHONE_PAGES)
def test_no_main_page_with_the_journeys_data_is_wider_than_a_phone(
    person: Somebody, walked: Portal, name: str
) -> None:
    one = person(name, window=PHONE)
    assert Surveyor(one.page, walked).survey(PHONE_PAGES[name], overflow) == {}


def test_the_question_who_one_is_has_no_grave_fault_and_leads_on(person: Somebody, walked: Portal) -> None:
    """Twenty minutes later the session still runs, but what changes rights asks for the password once more."""
    office = person("office", window=(1366, 800)).go("/people/")
    passed = walked.clock.now() - datetime.now(timezone.utc)
    walked.restart(f"{int(passed.total_seconds()) + 20 * 60:+d}s")
    for lang in ("en", "zh_CN"):
        office.go("/me/").speak(lang).go("/people/invite")
        assert "/me/confirm" in office.page.url
        assert grave(office.page) == []
        assert overflow(office.page) == 0
    office.fill("fresh_password", "wrong-Password-1").press("Go on", status=422)
    office.fill("fresh_password", walked.password).press("Go on")
    assert office.page.url.endswith("/people/invite")
    assert office.page.locator('[name="name"]').count() == 1
