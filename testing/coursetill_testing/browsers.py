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
    # The shop needs only itself and its gateway, which are both on this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE *localhost, EXCLUDE 127.0.0.1",
)


def chromium(playwright: Playwright) -> Browser:
    """The system's Chromium if there is one, else the Chromium of Playwright."""
    system = str(SYSTEM_CHROMIUM) if SYSTEM_CHROMIUM.exists() else None
    return playwright.chromium.launch(executable_path=system, args=ARGUMENTS)


def shopper_context(browser: Browser) -> BrowserContext:
    """A new visitor: without cookies, and in another time zone than the server."""
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
    """Saves screenshots of a page in build/screenshots, under the name of the test."""

    page: Page
    folder: Path
    test: str

    def picture(self, of: str) -> Path:
        """Save a screenshot of the whole page. `of` names its subject."""
        path = self.folder / f"{self.test}-{of}.png"
        self.page.screenshot(path=path, full_page=True)
        return path


def complaints_of(page: Page) -> list[str]:
    """Collect errors of the page from now on: uncaught errors, and forbidden content."""
    heard: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # A 4xx is logged as an error too, but may be what the test expects.
        if message.type == "error" and "Failed to load resource" not in message.text:
            heard.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: heard.append(f"Uncaught: {error}"))
    return heard
