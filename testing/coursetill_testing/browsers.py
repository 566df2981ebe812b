"""Headless Chromium for browser tests."""

from pathlib import Path

import attrs
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright

SYSTEM_CHROMIUM = Path("/usr/bin/chromium")

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The shop needs nobody but itself and its gateway, which are both on this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE *localhost, EXCLUDE 127.0.0.1",
)


def chromium(playwright: Playwright) -> Browser:
    """The system's Chromium where there is one, else the one that Playwright installed."""
    system = str(SYSTEM_CHROMIUM) if SYSTEM_CHROMIUM.exists() else None
    return playwright.chromium.launch(executable_path=system, args=ARGUMENTS)


def shopper_context(browser: Browser) -> BrowserContext:
    """A visitor who was never here before: no cookies, and in a zone that is not the server's."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900},
        locale="en-US",
        timezone_id="America/New_York",
        reduced_motion="reduce",
    )
    context.set_default_timeout(15_000)
    return context


@attrs.frozen
class Camera:
    """Takes pictures of a page into build/screenshots, under the name of the test."""

    page: Page
    folder: Path
    test: str

    def picture(self, of: str) -> Path:
        """The whole page as it now looks; `of` says what is to be seen."""
        path = self.folder / f"{self.test}-{of}.png"
        self.page.screenshot(path=path, full_page=True)
        return path


def complaints_of(page: Page) -> list[str]:
    """What goes wrong inside the page from now on: uncaught errors, content it must not load."""
    heard: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # A 4xx is logged as an error too, and may be just what the test is about.
        if message.type == "error" and "Failed to load resource" not in message.text:
            heard.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: heard.append(f"Uncaught: {error}"))
    return heard
