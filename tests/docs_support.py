"""The pages as data: their sections, blocks, tables and links; and a copy of the repository in which to play a section.

A section (`## ...`) is a story that starts in the committed repository. Its blocks are played in order:

- ```console blocks: each `$ command` is run, and must print exactly the lines below it, standard error included. A line
  `...` stands for any lines. A command must succeed, unless the next one is `$ echo $?`.
- A block below `<!-- append to FILE -->` or `<!-- write FILE -->` is put there.
- A ```diff block below `<!-- change FILE -->` is applied; what it replaces must stand there once.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tests.support import ROOT

PAGES = ("README.md", *sorted(page.relative_to(ROOT).as_posix() for page in (ROOT / "docs").rglob("*.md")))
LEFT_OUT = (".git", ".venv", ".tools", "tests", ".hypothesis", "__pycache__", ".*_cache")
OMITTED = "..."

# Commands that a page may show and a test cannot run. They show no output.
NOT_RUN: Mapping[str, str] = {
    "make test": "it is what runs this test",
    "make lint": "takes longer than all the rest; CI runs it beside the tests",
    "kubectl create namespace": "needs a cluster",
    "kubectl apply": "needs a cluster",
    "kubectl annotate": "needs a cluster",
    "argocd": "needs a cluster with Argo CD",
}


@dataclass(frozen=True)
class Block:
    """A fenced block, and the directive that stands above it."""

    line: int  # of its first line of text, from 0
    language: str
    directive: str
    lines: tuple[str, ...]

    @property
    def commands(self) -> list[tuple[str, list[str]]]:
        """Each command of a console block, with the lines that it is to print."""
        commands: list[tuple[str, list[str]]] = []
        for line in self.lines if self.language == "console" else ():
            if line.startswith("$ "):
                commands.append((line[2:], []))
            else:
                commands[-1][1].append(line)
        return commands


@dataclass(frozen=True)
class Section:
    page: str
    title: str
    blocks: tuple[Block, ...]

    def __str__(self) -> str:
        return f"{self.page}: {self.title}"

    @property
    def commands(self) -> list[str]:
        return [command for block in self.blocks for command, _ in block.commands]


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def sections(page: str) -> Iterator[Section]:
    lines = text(page).splitlines()
    starts = [0, *(number for number, line in enumerate(lines) if line.startswith("## ")), len(lines)]
    for start, end in pairwise(starts):
        yield Section(page, lines[start].lstrip("# "), tuple(_blocks(lines, start, end)))


def _blocks(lines: Sequence[str], start: int, end: int) -> Iterator[Block]:
    opened = None
    for number in range(start, end):
        if not lines[number].startswith("```"):
            continue
        if opened is None:
            opened = number
            continue
        directive = re.fullmatch(r"<!-- (.+) -->", lines[opened - 1])
        language, said = lines[opened].removeprefix("```"), directive[1] if directive else ""
        yield Block(opened + 1, language, said, tuple(lines[opened + 1 : number]))
        opened = None
    assert opened is None, f"a block is not closed: line {opened}"


def prose(page: str) -> str:
    """A page without its blocks."""
    return re.sub(r"^```.*?^```$", "", text(page), flags=re.MULTILINE | re.DOTALL)


def tables(page: str) -> dict[str, list[list[str]]]:
    """The rows of a page's tables, by the first column's head; tables with the same head are joined."""
    found: dict[str, list[list[str]]] = {}
    head = None
    for line in prose(page).splitlines():
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if not line.startswith("|"):
            head = None
        elif head is None:
            head = cells[0]
        elif not set(line) <= set("|-"):
            found.setdefault(head, []).append(cells)
    return found


def anchors(page: str) -> set[str]:
    """GitHub's anchors of the headings."""
    titles = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


# ------------------------------------------------------------------------------------------------------------- playing


def copy_repository(to: Path) -> None:
    """What git holds but for the tests, committed in a repository of its own."""
    shutil.copytree(ROOT, to, ignore=shutil.ignore_patterns(*LEFT_OUT))
    for arguments in (["init", "--quiet", "--initial-branch=main"], ["add", "--all"], ["commit", "--quiet", "-m", "-"]):
        subprocess.run(["git", *arguments], cwd=to, env=_environment(), check=True)


def set_up(root: Path) -> None:
    """What `make` would set up first, taken from the Python that runs this."""
    (root / ".venv").mkdir()
    (root / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    (root / ".venv" / ".ready").write_text(f"{root.resolve()}\n", encoding="utf-8")


def play(section: Section, root: Path) -> list[tuple[Block, list[str]]]:
    """Play a section in a copy; each console block with its lines as they really are."""
    played = []
    status = 0
    for block in section.blocks:
        if block.directive:
            _put(block, root)
        lines: list[str] = []
        for command, expected in block.commands:
            lines.append(f"$ {command}")
            if command != "echo $?":
                assert status == 0, f"exit code {status} before `{command}`; follow it by `echo $?` if that is right"
            if reason_not_to_run(command):
                assert not expected, f"`{command}` is not run, so nobody knows what it prints"
                continue
            # In a shell of its own, which is first told how the command before it ended.
            done = subprocess.run(
                ["sh", "-c", f"(exit {status}); {command}"],
                cwd=root,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            status = done.returncode
            printed = done.stdout.splitlines()
            lines += expected if _fits(printed, expected) else printed
        if block.commands:
            played.append((block, lines))
    assert status == 0, f"exit code {status} at the end of {section}"
    return played


def reason_not_to_run(command: str) -> str:
    return next((reason for prefix, reason in NOT_RUN.items() if f"{command} ".startswith(f"{prefix} ")), "")


def _fits(printed: Sequence[str], expected: Sequence[str]) -> bool:
    """Whether the lines are those expected, where `...` stands for any."""
    pattern = "".join(r"(?:.*\n)*" if line == OMITTED else re.escape(line) + r"\n" for line in expected)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None


def _put(block: Block, root: Path) -> None:
    verb, file = block.directive.rsplit(" ", 1)
    path, new = root / file, _joined(block.lines)
    match verb:
        case "append to":
            path.write_text(path.read_text(encoding="utf-8") + new, encoding="utf-8")
        case "write":
            path.parent.mkdir(parents=True)
            path.write_text(new, encoding="utf-8")
        case "change":
            before = path.read_text(encoding="utf-8")
            old = _joined(line[1:] for line in block.lines if line[0] in " -")
            new = _joined(line[1:] for line in block.lines if line[0] in " +")
            assert before.count(old) == 1, f"this stands {before.count(old)} times in {file}:\n{old}"
            path.write_text(before.replace(old, new), encoding="utf-8")
        case _:
            raise AssertionError(f"no such directive: {block.directive}")


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _environment() -> dict[str, str]:
    """The test's own, without what make and a person's git would bring in."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "GIT_"))}
    programs = (str(Path(sys.executable).parent), str(ROOT / ".tools"), mine.get("PATH", os.defpath))
    git = {f"GIT_{who}_{what}": "reader@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    git |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return {**mine, **git, "PATH": os.pathsep.join(programs), "LC_ALL": "C.UTF-8"}
