"""A real browser for the tests of the report and its pictures: the system's Chromium, without a window."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

# As Debian, Ubuntu's and Fedora's packages and Google's own call it.
PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


@contextmanager
def opened(program: Path) -> Iterator[Browser]:
    """The browser, until the block ends."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        yield browser
        browser.close()
