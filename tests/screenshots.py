"""Takes the pictures of the report that the pages show: `make screenshots`. What they look like depends on the fonts
of the machine, so no test compares them.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser

from tests import browser
from tests.support import ROOT, kustodian

FOLDER = ROOT / "docs" / "images"
MOST_BYTES = 300_000

Scheme = Literal["light", "dark"]


def main() -> None:
    program = next(filter(None, map(shutil.which, browser.PROGRAMS)), None)
    if program is None:
        sys.exit("There is no Chromium on the PATH; on Debian and Ubuntu: apt-get install chromium")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as site, browser.opened(Path(program)) as window:
        kustodian("report", "--out", site)
        url = (Path(site) / "index.html").as_uri()
        take(window, url, "report-light", 1280, "light", ("header.top", "#agent-architect-agent"))
        take(window, url, "report-dark", 1280, "dark", ("#network", "#network .drawing"))
        take(window, url, "report-phone", 360, "light", ("header.top", "#agent-security-agent"))


def take(window: Browser, url: str, name: str, width: int, scheme: Scheme, ends: tuple[str, str]) -> None:
    """The page from the top of one element to the bottom of another."""
    page = window.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    page.goto(url)
    boxes = [page.locator(selector).bounding_box() for selector in ends]
    assert all(boxes), ends
    top, bottom = boxes[0]["y"], boxes[1]["y"] + boxes[1]["height"]  # type: ignore[index]  # both are there
    path = FOLDER / f"{name}.png"
    clip = {"x": 0, "y": top, "width": width, "height": bottom - top}
    page.screenshot(path=path, full_page=True, clip=clip)  # type: ignore[arg-type]  # a FloatRect
    size = path.stat().st_size
    assert size < MOST_BYTES, f"{path} has {size} bytes"
    page.context.close()


if __name__ == "__main__":
    main()
