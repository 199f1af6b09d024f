"""A person at a browser of their own. Every page that opens is looked at: see `Person.look`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from babel.support import Translations
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, Response
from playwright.sync_api import Error as PlaywrightError

from tests.browser.portal import ROOT, Portal

SCREENS = ROOT / "var" / "test" / "screens"
PATIENCE_MS = 30_000
DESK = (1440, 900)
PHONE = (390, 844)

# Texts and labels of the page that are neither codes nor marked as being in English.
VISIBLE_WORDS = """() => {
  const out = [], skip = "code, pre, kbd, script, style, noscript, textarea, .eh-mono, .eh-hash, [lang=en]";
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) if (!walk.currentNode.parentElement.closest(skip)) out.push(walk.currentNode.data);
  for (const e of document.querySelectorAll("[aria-label], [title], [placeholder]"))
    if (!e.closest(skip)) out.push(e.ariaLabel || "", e.title || "", e.placeholder || "");
  return out;
}"""
ENGLISH = re.compile(r"\b[A-Za-z][a-z]{2,}(?: [A-Za-z]{2,})+|^\s*[A-Z][a-z]{2,}\.?\s*$")
NAMES = re.compile(r"Asia/Shanghai|English|Redis")
WATCH_POLICY = """document.addEventListener("securitypolicyviolation",
  e => console.error("content security policy: " + e.violatedDirective + " " + e.blockedURI));"""


@cache
def catalogue() -> Translations:
    """The Chinese catalogue that the started portal has compiled."""
    found = Translations.load(ROOT / "app" / "translations", ["zh"])
    assert isinstance(found, Translations), "the catalogue is not compiled"
    return found


class Person:
    """One browser context: cookies, storage and window of one person."""

    english: list[str] = []
    pictures = 0

    def __init__(
        self,
        browser: Browser,
        portal: Portal,
        name: str,
        window: tuple[int, int] = DESK,
        locale: str = "zh_CN",
        scripts: bool = True,
    ) -> None:
        self.portal, self.name, self.locale = portal, name, locale
        self.window = window
        self._faults: list[str] = []
        self._status = 0
        self._is_in = False
        self._context = browser.new_context(
            viewport={"width": window[0], "height": window[1]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=scripts,
            accept_downloads=True,
        )
        self._context.set_default_timeout(PATIENCE_MS)
        self._context.add_init_script(WATCH_POLICY)
        self.page: Page = self._context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self._faults.append(f"script: {error}"))
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)

    def close(self) -> None:
        self._context.close()

    # What the browser tells.

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._faults.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.portal.url + "/", "data:", "blob:")):
            self._faults.append(f"request to another origin: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.request.is_navigation_request() and response.frame == self.page.main_frame:
            self._status = response.status

    # What a person does.

    def log_in(self) -> Person:
        self.go("/login/")
        self.fill("username", self.name)
        self.fill("password", self.portal.password)
        self.press("Log in")
        assert "/login" not in self.page.url, self.text()
        self._is_in = True
        return self

    def _open(self, address: str) -> None:
        """A page that follows an event (the ceremony) may be loading itself anew just now: then once more."""
        try:
            self.page.goto(address, wait_until="load")
        except PlaywrightError as error:
            if "ERR_ABORTED" not in str(error):
                raise
            self.page.goto(address, wait_until="load")

    def go(self, path: str, status: int = 200) -> Person:
        self._open(self.portal.url + path)
        if self._is_in and "/login/" in self.page.url and not path.startswith("/login"):
            self._is_in = False  # the portal's clock was moved: the session ran out
            self.log_in()
            self._open(self.portal.url + path)
        self.look(status)
        return self

    def press(self, label: str, status: int = 200, within: Locator | None = None, nth: int = 0) -> Person:
        """The button or link of this name in the person's language; the page that follows is looked at."""
        with self._follows(status):
            self.named(label, within).nth(nth).click()
        return self

    def press_part(self, selector: str, status: int = 200) -> Person:
        with self._follows(status):
            self.page.locator(selector).first.click()
        return self

    def send_by_enter(self, status: int = 200) -> Person:
        with self._follows(status):
            self.page.keyboard.press("Enter")
        return self

    @contextmanager
    def _follows(self, status: int) -> Iterator[None]:
        with self.page.expect_navigation(wait_until="load"):
            yield
        self.look(status)

    def named(self, label: str, within: Locator | None = None) -> Locator:
        place = within or self.page.locator("body")
        name = self.word(label)
        found = place.get_by_role("button", name=name, exact=True)
        return found.or_(place.get_by_role("link", name=name, exact=True)).locator("visible=true")

    def unfold(self, label: str) -> Person:
        """A menu, a question before an act, or a folded part of the page."""
        self.page.locator("summary", has_text=self.word(label)).first.click()
        return self

    def fill(self, field: str, text: str) -> Person:
        self.page.locator(f'[name="{field}"]').first.fill(text)
        return self

    def choose(self, field: str, value: str | None = None) -> Person:
        """A radio button or a check box by its value."""
        which = f'[name="{field}"]' + (f'[value="{value}"]' if value is not None else "")
        self.page.locator(which).first.check()
        return self

    def download(self, label: str, into: Path) -> Path:
        with self.page.expect_download() as waiting:
            self.named(label).first.click()
        path = into / waiting.value.suggested_filename
        waiting.value.save_as(path)
        return path

    def word(self, msgid: str) -> str:
        return msgid if self.locale == "en" else str(catalogue().gettext(msgid))

    def speak(self, locale: str) -> Person:
        """Change the language by the button of the account menu."""
        self.page.locator("summary.eh-who").click()
        self.locale = locale
        self.press_part(f'.eh-menu button[lang="{locale.replace("_", "-")}"]')
        return self

    # What a person sees.

    def text(self) -> str:
        return self.page.locator("body").inner_text()

    def sees(self, *texts: str) -> Person:
        shown = self.text()
        for text in texts:
            assert text in shown, f"“{text}” is not on {self.page.url}:\n{shown}"
        return self

    def reads(self, *msgids: str) -> Person:
        return self.sees(*[self.word(msgid) for msgid in msgids])

    def look(self, status: int = 200) -> Person:
        """Status, console, policy, origin, faults of the server and language of the page; and a picture."""
        if status != 200:
            self._faults = [f for f in self._faults if f"status of {status}" not in f]
        where = f"{self.name} at {self.page.url}"
        self._picture()
        assert self._status == status, f"{self._status} for {where}:\n{self.text()}"
        assert not self._faults, f"{where}: {self._faults}"
        shown = self.text()
        assert "Traceback" not in shown, shown
        assert self.page.locator("html").get_attribute("lang") == self.locale.replace("_", "-"), where
        if self.locale == "zh_CN":
            words = [text.strip() for text in self.page.evaluate(VISIBLE_WORDS)]
            path = self.page.url.removeprefix(self.portal.url)
            Person.english += [f"{path}: {w}" for w in words if ENGLISH.search(w) and not NAMES.search(w)]
        return self

    def _picture(self) -> None:
        Person.pictures += 1
        path = self.page.url.removeprefix(self.portal.url).partition("?")[0].partition("#")[0]
        place = re.sub(r"[^a-z0-9-]+", "_", path.lower()).strip("_")[:60] or "start"
        SCREENS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(
            path=SCREENS / f"{Person.pictures:03}-{self.name}-{place}.png",
            full_page=True,
            animations="disabled",
        )

    def wide(self) -> int:
        """By how many pixels the page is wider than the window."""
        overflow: Any = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return int(overflow)

    def waits_for(self, path: str, text: str, seconds: float = 30) -> Person:
        """Open the page again until it shows the text: a job has to bring it."""
        for _ in range(int(seconds * 2)):
            self.page.goto(self.portal.url + path)
            if text in self.text():
                break
            self.page.wait_for_timeout(500)
        self._faults = [f for f in self._faults if "status of 404" not in f]
        self.look()
        return self.sees(text)
