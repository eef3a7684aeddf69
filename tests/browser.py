"""Opens a file in real Chromium and notes what a page must not do."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, ConsoleMessage, Page, Request


@dataclass
class Opened:
    """A page and what was noted of it since it was opened."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def pwned(self) -> bool:
        """Whether any of the test strings ran as code."""
        return bool(self.page.evaluate("window.__pwn !== undefined"))

    def note_request(self, request: Request) -> None:
        self.requests.append(request.url)

    def note_message(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the Chromium of this machine, or skip and say so."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        pytest.skip("There is no Chromium on this machine: what people see was not checked.")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Browser, file: Path, *, before: str = "", ready: bool = True, **context: Any) -> Iterator[Opened]:
    """Open a file in a fresh context and note requests, console errors and violations of its policy.

    Parameters
    ----------
    browser
        From `chromium`.
    file
        What to open.
    before
        A script to run before those of the page.
    ready
        Whether to wait until the map says that it can be used.
    context
        Settings of the browser context, such as viewport or java_script_enabled.
    """
    surroundings = browser.new_context(**context)
    try:
        page = surroundings.new_page()
        found = Opened(page)
        violations = "document.addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.blockedURI));"
        page.add_init_script(violations + before)
        page.on("request", found.note_request)
        page.on("console", found.note_message)
        page.on("pageerror", lambda error: found.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (found.complaints.append(dialog.message), dialog.dismiss()))
        page.goto(file.as_uri())
        found.requests.remove(file.as_uri())
        if ready:
            page.wait_for_selector("html[data-ready]")
        yield found
    finally:
        surroundings.close()
