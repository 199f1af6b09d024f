"""A security key in a real browser: Chromium with its own virtual authenticator, by keyboard alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from app.kernel.clock import SystemClock
from tests.conftest import DEMO_PASSWORD

pytestmark = pytest.mark.browser
CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]
KEY = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": False,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def at_a_name() -> None:
    """Here the portal's name is the one it is served at."""


@pytest.fixture
def live(own_app: Flask) -> Iterator[str]:
    """The portal on loopback under a name that browsers accept for security keys."""
    server = make_server("127.0.0.1", 0, own_app, threaded=True)
    address = f"http://localhost:{server.server_port}"
    own_app.config["WTF_CSRF_ENABLED"] = True
    own_app.extensions["clock"] = SystemClock()
    own_app.extensions["settings"] = replace(own_app.extensions["settings"], base_url=address)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield address
    server.shutdown()
    thread.join(5)
    server.server_close()


@pytest.fixture
def page(live: str) -> Iterator[Page]:
    assert Path(CHROMIUM).exists(), "install Debian's package chromium (.ci/run does it)"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        made = browser.new_context(locale="zh-CN").new_page()
        faults: list[Any] = []
        made.on("pageerror", lambda fault: faults.append(fault))
        yield made
        browser.close()
        assert faults == []


def _log_in(page: Page, live: str) -> None:
    page.goto(f"{live}/login/")
    page.fill("#username", "police_clerk")
    page.fill("#password", DEMO_PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_key_is_added_and_opens_the_next_log_in(live: str, page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    key = session.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})["authenticatorId"]
    _log_in(page, live)
    page.goto(f"{live}/me/factors/keys/new")
    page.fill("#name", "蓝色密钥")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".eh-codes")
    assert page.locator(".eh-codes li").count() == 10
    credentials = session.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]
    assert [c["rpId"] for c in credentials] == ["localhost"]

    page.context.clear_cookies()
    _log_in(page, live)
    assert page.url == f"{live}/login/second"
    page.get_by_role("button", name="使用安全密钥").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live}/")

    page.context.clear_cookies()
    session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": key})
    session.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    _log_in(page, live)
    page.get_by_role("button", name="使用安全密钥").click()
    expect(page.locator("[data-fault]")).to_contain_text("未被使用", timeout=20_000)
    assert page.url == f"{live}/login/second"


def test_a_browser_without_security_keys_is_told_so(live: str, page: Page) -> None:
    page.add_init_script("delete window.PublicKeyCredential")
    _log_in(page, live)
    page.goto(f"{live}/me/factors/keys/new")
    page.wait_for_selector("[data-unable]:not([hidden])")
    assert not page.locator("#name").is_visible()
