"""One portal and one browser for the session, one context for each account."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.person import SCREENS, Person
from tests.browser.portal import Portal

CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_broken: list[str] = []


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "journey: a step of the journey, which stands on those before it")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """People come and go before the journey; axe looks at the pages with what the journey has left on them."""
    order = {"test_people.py": -1, "test_axe.py": 1}
    items.sort(key=lambda item: order.get(item.path.name, 0))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome: Any = yield
    if outcome.get_result().failed and item.get_closest_marker("journey"):
        _broken.append(item.name)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Each step of the journey stands on the ones before it."""
    if _broken and item.get_closest_marker("journey"):
        pytest.skip(f"an earlier step of the journey failed: {_broken[0]}")


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    shutil.rmtree(SCREENS, ignore_errors=True)
    portal = Portal(tmp_path_factory.mktemp("portal") / "home")
    try:
        portal.start()
        yield portal
    finally:
        portal.erase()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert Path(CHROMIUM).exists(), "install Debian's package chromium (.ci/run does it)"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def person(portal: Portal, browser: Browser) -> Iterator[Callable[..., Person]]:
    """`person("police_clerk")`: at their desk, logged in; the same one whenever asked for again."""
    known: dict[tuple[Any, ...], Person] = {}

    def find(name: str, **how: Any) -> Person:
        key = (name, *sorted(how.items()))
        if key not in known:
            known[key] = Person(browser, portal, name, **how).log_in()
        return known[key]

    yield find
    for one in known.values():
        one.close()


@pytest.fixture
def visitor(portal: Portal, browser: Browser) -> Iterator[Callable[..., Person]]:
    """Somebody without an account."""
    made: list[Person] = []

    def come(name: str = "visitor", **how: Any) -> Person:
        made.append(Person(browser, portal, name, **how))
        return made[-1]

    yield come
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def story() -> SimpleNamespace:
    """What one step of the journey leaves for the next."""
    return SimpleNamespace()
