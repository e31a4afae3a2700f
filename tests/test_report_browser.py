"""The report in a real browser: nothing fetched, nothing logged, nothing cut off, and everybody can read it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has none
from playwright.sync_api import Browser, Page

from benchmarks.fleets import fleet as fleet_of
from tests import browser
from tests.report_support import html_of
from tests.support import REFERENCE, as_yaml
from tests.test_report import hostile_spec

Scheme = Literal["light", "dark"]

WIDTHS = (360, 768, 1280)
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
SECTIONS = 8


def failing_spec() -> str:
    """Over budget and over quota, with an agent that calls another, long names, and five environments."""
    spec = yaml.safe_load(REFERENCE.read_text(encoding="utf-8"))
    spec["tiers"] = {str(tier): value for tier, value in spec["tiers"].items()}
    agents = spec["agents"]
    agents["security-agent"]["budget"] = {"infra": 5, "ai": 12_345_678}
    agents["security-agent"]["description"] = "A" * 300
    agents["security-agent"]["service"]["replicas"] = {"min": 9, "max": 90}
    agents["ai-agent"]["talksTo"] += ["security-agent", {"host": f"{'a' * 60}.{'b' * 60}.example.com", "port": 443}]
    agents["ai-agent"]["talksTo"] += ["internet", {"cidr": "10.1.0.0/16", "port": 8443}]
    agents["architect-agent"]["environments"] = {"dev": {"enabled": False}}
    agents["architect-agent"]["image"] = f"ghcr.io/example/{'long/' * 20}name:1.0.0"
    for name in ("qa", "a-rather-long-name-for-a-place"):
        spec["environments"][name] = spec["environments"]["dev"] | {"domain": f"{name}.example.com"}
    return as_yaml(spec)


def reference_spec() -> str:
    return REFERENCE.read_text(encoding="utf-8")


def large_spec() -> str:
    return fleet_of(24)


SPECS: dict[str, Callable[[], str]] = {
    "reference": reference_spec,
    "failing": failing_spec,
    "hostile": hostile_spec,
    "large": large_spec,
}


@pytest.fixture(scope="module")
def window(chromium: Path) -> Iterator[Browser]:
    with browser.opened(chromium) as opened:
        yield opened


@pytest.fixture(scope="module", params=SPECS)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "index.html").write_text(html_of(SPECS[request.param](), folder), encoding="utf-8")
    return (folder / "index.html").as_uri()


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("reference")
    (folder / "index.html").write_text(html_of(reference_spec(), folder), encoding="utf-8")
    return (folder / "index.html").as_uri()


def visit(window: Browser, url: str, width: int = 1280, scheme: Scheme = "light") -> tuple[Page, list[str]]:
    """The page, and what it asked the network for or told the console."""
    page = window.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.on("request", lambda request: said.append(f"request: {request.url}"))
    page.goto(url)
    assert said.pop(0) == f"request: {url}"
    return page, said


# What reaches beyond the window, but for what scrolls inside something else.
CUT_OFF = """() => {
  const found = document.documentElement.scrollWidth > innerWidth ? ["the page"] : [];
  for (const element of document.body.querySelectorAll("*")) {
    const box = element.getBoundingClientRect();
    const may = element.closest(".scroll, nav, .vh, .hidden, .skip");
    if (box.width && !may && (box.right > innerWidth + 1 || box.left < -1))
      found.push(`${element.tagName} ${element.className} ${element.textContent.slice(0, 40)}`);
  }
  return found;
}"""

# Text that runs into its neighbour: each cell must hold what stands in it.
SPILT = """() => [...document.querySelectorAll("td, th, dd, dt, li, p")]
  .filter((element) => element.offsetParent && element.scrollWidth > element.clientWidth + 1
    && getComputedStyle(element).overflowX === "visible" && !element.closest(".turned")
    && !element.querySelector(".vh"))
  .map((element) => `${element.tagName} ${element.textContent.trim().slice(0, 60)}`)"""

# Every text with too little contrast to what is behind it; in drawings, to the shape that it is drawn on.
PALE = """() => {
  const luminance = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const contrast = (one, other) => {
    const [a, b] = [luminance(numbers(one)), luminance(numbers(other))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (numbers(colour)[3] !== 0) return colour;
    }
    return getComputedStyle(document.documentElement).backgroundColor;
  };
  const found = [];
  let judged = 0;
  const judge = (text, colour, ground) => {
    judged += 1;
    const is = contrast(colour, ground);
    if (is < 4.5) found.push(`${is.toFixed(2)} ${text.trim().slice(0, 40)}`);
  };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || element.closest("svg, script, .vh, .skip")) continue;
    judge(walk.currentNode.textContent, getComputedStyle(element).color, behind(element));
  }
  for (const text of document.querySelectorAll(".graph text")) {
    const group = text.closest("g");
    const shape = group ? group.querySelector("rect") : text.previousElementSibling;
    judge(text.textContent, getComputedStyle(text).fill, getComputedStyle(shape).fill);
  }
  return [judged, found];
}"""

# Each table: how it begins, where it ends and whether it is seen.
BOXES = """() => [...document.querySelectorAll("table")].map((table) => {
  const box = table.getBoundingClientRect();
  return [table.textContent.trim().slice(0, 40), box.right, table.checkVisibility()];
})"""

# What stands outside closed details and yet takes no room.
UNSEEN = """() => [...document.querySelectorAll("main > section, table, .graph, .bar, .quota, h2, h3")]
  .filter((element) => !element.closest("details"))
  .filter((element) => !element.checkVisibility() || !element.getBoundingClientRect().height)
  .map((element) => element.outerHTML.slice(0, 80))"""

# Texts of the drawing that touch each other, leave their box, or boxes and docks that overlap.
COLLIDING = """() => {
  const found = [];
  for (const graph of document.querySelectorAll(".graph")) {
    const all = (selector) => [...graph.querySelectorAll(selector)].map((one) => [one, one.getBoundingClientRect()]);
    const outside = ([text, box], [, frame]) => box.left < frame.left || box.right > frame.right + 0.5
      || box.top < frame.top || box.bottom > frame.bottom;
    for (const [group] of all(".end, .dock")) {
      const rect = group.querySelector("rect");
      for (const text of group.querySelectorAll("text"))
        if (outside([text, text.getBoundingClientRect()], [rect, rect.getBoundingClientRect()]))
          found.push(`${text.textContent} leaves its box`);
    }
    const boxes = [...all(".end > rect"), ...all(".dock > rect"), ...all("text.label")];
    for (const [index, [one, a]] of boxes.entries())
      for (const [other, b] of boxes.slice(index + 1))
        if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
          && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2)
          found.push(`${one.parentElement.textContent} on ${other.parentElement.textContent}`);
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_fetched_logged_or_cut_off(window: Browser, url: str, width: int, scheme: Scheme) -> None:
    page, said = visit(window, url, width, scheme)
    assert said == []
    assert page.evaluate(CUT_OFF) == []
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(SPILT) == []
    page.context.close()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_all_text_can_be_told_from_its_ground(window: Browser, url: str, scheme: Scheme) -> None:
    page, _ = visit(window, url, scheme=scheme)
    judged, pale = page.evaluate(PALE)
    assert pale == []
    assert judged > 300
    page.context.close()


def test_axe_finds_nothing(window: Browser, url: str) -> None:
    page, _ = visit(window, url, 768)  # where agents are cards, and tables scroll
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    page.context.close()


def test_every_section_table_and_drawing_is_visible(window: Browser, url: str) -> None:
    page, _ = visit(window, url)
    assert page.locator("main > section").count() == SECTIONS
    assert page.evaluate(UNSEEN) == []
    assert page.evaluate(COLLIDING) == []
    page.context.close()


def test_schemes_differ(window: Browser, reference: str) -> None:
    grounds = []
    for scheme in SCHEMES:
        page, _ = visit(window, reference, scheme=scheme)
        grounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.context.close()
    assert grounds == ["rgb(250, 249, 246)", "rgb(19, 21, 22)"]


def test_on_a_phone_agents_are_cards(window: Browser, reference: str) -> None:
    page, _ = visit(window, reference, 360)
    dev, staging = (page.locator("#agent-ai-agent td").nth(index).bounding_box() for index in (0, 1))
    assert dev
    assert staging
    assert dev["x"] == staging["x"]
    assert staging["y"] >= dev["y"] + dev["height"]
    assert page.locator("#agent-ai-agent td .environment").first.is_visible()
    page.context.close()


def test_the_page_works_without_scripts(window: Browser, reference: str) -> None:
    context = window.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(reference)
    assert page.locator("#agents-table tbody tr").count() == 4
    assert page.locator("label.filter").is_hidden()
    page.locator("summary").first.click()
    assert page.locator(".matrix").is_visible()
    context.close()


def test_the_filter_shows_the_agents_that_have_every_word(
    window: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("filter")
    (folder / "index.html").write_text(html_of(fleet_of(48), folder), encoding="utf-8")
    page, said = visit(window, (folder / "index.html").as_uri())
    rows = page.locator("#agents-table tbody tr:visible")
    assert rows.count() == 48
    page.get_by_label("Show only").fill("Tier 4  agent-1")
    assert rows.locator(".name").all_inner_texts() == [
        "architect-agent-1", "architect-agent-10", "architect-agent-11",
    ]  # fmt: skip
    page.get_by_label("Show only").fill("")
    assert rows.count() == 48
    assert said == []
    page.context.close()


def test_the_keyboard_reaches_contents_and_what_scrolls(window: Browser, reference: str) -> None:
    page, _ = visit(window, reference, 360)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.locator(".skip").bounding_box()["height"] > 10  # type: ignore[index]  # fails if not there
    reached: list[Any] = []
    while len(reached) < 60 and (not reached or reached[-1] != "BODY"):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.className || document.activeElement.tagName"))
    assert reached.count("A") == SECTIONS
    assert "scroll drawing" in reached
    assert "SUMMARY" in reached
    drawing = page.locator(".drawing")
    drawing.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)  # it scrolls smoothly; the page's policy keeps Playwright from waiting for a condition
    assert drawing.evaluate("element => element.scrollLeft") > 0
    page.context.close()


def test_in_print_everything_is_there(window: Browser, url: str) -> None:
    page, _ = visit(window, url, 718)  # A4, upright, with the browser's margins
    page.emulate_media(media="print")
    assert page.locator("nav").is_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 718
    boxes = page.evaluate(BOXES)
    assert len(boxes) > 10
    for name, right, is_seen in boxes:
        assert is_seen, f"{name} stands in closed details and is not printed"
        assert right <= 719, name
    pdf = page.pdf(format="A4", print_background=True)
    pages = re.findall(rb"/Type\s*/Page\b", pdf)
    assert len(pages) >= 3
    page.context.close()
