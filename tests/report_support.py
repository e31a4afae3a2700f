"""What the tests of the report share: the page of a spec, and an HTML page as a tree."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from generator.cli.proving import located
from generator.compiled import applications, environments
from generator.proofs.evidence import Evidence
from generator.proofs.registry import PROOFS
from generator.report import page, render
from generator.spec.load import load_with_places
from tests.proof_support import TODAY

VOID = {"meta", "link", "input", "br", "hr", "img", "col"}


def page_of(text: str, folder: Path) -> page.Page:
    """What stands on the page of a spec, judged on TODAY. Raises Stop."""
    file = folder / "agents.yaml"
    file.write_text(text, encoding="utf-8", newline="")
    fleet, document = load_with_places(file, "agents.yaml")
    evidence = Evidence(
        fleet=fleet, environments=tuple(environments(fleet)), applications=tuple(applications(fleet)), today=TODAY
    )
    reports = {name: proof.prove(evidence) for name, proof in PROOFS.items()}
    problems = {name: located(document, report.findings) for name, report in reports.items()}
    return page.gather(fleet, reports, problems, "0" * 64)


def html_of(text: str, folder: Path) -> str:
    return render.html(page_of(text, folder))


@dataclass
class Element:
    """An element with its text; `parts` are strings and elements."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    parts: list["Element | str"] = field(default_factory=list)

    def all(self, tag: str = "", **attributes: str) -> list["Element"]:
        """Every element below with this tag and these attributes; `class_` is any one of its classes."""
        return [one for one in self._below() if one._is(tag, attributes)]

    def one(self, tag: str = "", **attributes: str) -> "Element":
        (found,) = self.all(tag, **attributes)
        return found

    @property
    def text(self) -> str:
        """As a reader sees it: white space is one space."""
        return " ".join(self._text().split())

    def _text(self) -> str:
        return "".join(part if isinstance(part, str) else f" {part._text()} " for part in self.parts)

    def _below(self) -> Iterator["Element"]:
        for part in self.parts:
            if isinstance(part, Element):
                yield part
                yield from part._below()

    def _is(self, tag: str, attributes: dict[str, str]) -> bool:
        def has(name: str, value: str) -> bool:
            if name == "class_":
                return value in self.attributes.get("class", "").split()
            return self.attributes.get(name) == value

        return tag in ("", self.tag) and all(has(name, value) for name, value in attributes.items())


class _Reader(HTMLParser):
    """Builds the tree and refuses what a browser would silently mend: tags that are not closed, or not in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{tag} has an attribute twice: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].parts.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}> at {self.getpos()}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].parts.append(data)


def tree_of(html: str) -> Element:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert [element.tag for element in reader.open] == [""], "not everything is closed"
    return reader.open[0]
