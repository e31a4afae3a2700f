"""Finds the outside programs, tells their versions and runs them: no shell, a time limit, UTF-8, no traceback."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from generator.problems import ExitCode, Place, Problem, Stop

TIMEOUT = 120.0  # seconds; the slowest thing asked of a tool here takes two

Version = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A program that was found: what to call it, how to start it, its version as it says it."""

    name: str
    command: tuple[str, ...]
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True, kw_only=True)
class Tools:
    kustomize: Tool
    kubeconform: Tool


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a program said. `code` is 0 only if it ran to its end and was content; `err` then holds its warnings."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    """One way to get a tool: a program, its arguments before ours, those that make it tell a version, and where."""

    name: str
    program: str
    arguments: tuple[str, ...]
    ask: tuple[str, ...]
    told: re.Pattern[str]


_KUSTOMIZE = (
    _Candidate(
        name="kustomize",
        program="kustomize",
        arguments=("build",),
        ask=("version",),
        told=re.compile(r"(?:^|/)v(\d+\.\d+\.\d+)", re.MULTILINE),
    ),
    _Candidate(
        name="kubectl kustomize",
        program="kubectl",
        arguments=("kustomize",),
        ask=("version", "--client"),
        told=re.compile(r"Kustomize Version: v(\d+\.\d+\.\d+)"),
    ),
)
_KUSTOMIZE_OLDEST = (5, 4)  # June 2024: older ones still sort generated objects and patch labels differently

_KUBECONFORM = (
    _Candidate(
        name="kubeconform",
        program="kubeconform",
        arguments=(),
        ask=("-v",),
        told=re.compile(r"^v?(\d+\.\d+\.\d+|development)", re.MULTILINE),  # a plain `go install` says development
    ),
)
_KUBECONFORM_OLDEST = (0, 6)  # the first whose JSON names the field


def find_tools(root: Path) -> Tools:
    """The tools in `<root>/.tools`, beside the running Python, in the `.tools` beside its `.venv`, or on PATH.

    Raises Stop (TOOL_MISSING) that names every tool that is missing or too old.
    """
    wanted = (("kustomize", _KUSTOMIZE, _KUSTOMIZE_OLDEST), ("kubeconform", _KUBECONFORM, _KUBECONFORM_OLDEST))
    with ThreadPoolExecutor() as pool:
        kustomize, kubeconform = pool.map(lambda want: _find(root, *want), wanted)
    if isinstance(kustomize, Problem) or isinstance(kubeconform, Problem):
        raise Stop([found for found in (kustomize, kubeconform) if isinstance(found, Problem)], ExitCode.TOOL_MISSING)
    return Tools(kustomize=kustomize, kubeconform=kubeconform)


def find_kustomize(root: Path) -> Tool:
    """kustomize alone, looked for in the same places. Raises Stop (TOOL_MISSING)."""
    found = _find(root, "kustomize", _KUSTOMIZE, _KUSTOMIZE_OLDEST)
    if isinstance(found, Problem):
        raise Stop([found], ExitCode.TOOL_MISSING)
    return found


def run(command: Sequence[str], *, cwd: Path | None = None, timeout: float = TIMEOUT) -> Answer:
    """Runs a program to its end. One that cannot start, crashes or hangs gives an Answer that says so."""
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
            check=False,
            env={**os.environ, "KUBERC": "off"},  # a person's kubectl preferences must not change the answer
        )
    except subprocess.TimeoutExpired:
        return Answer(code=-1, out="", err=f"{command[0]} gave no answer within {timeout:g} seconds")
    except OSError as error:
        return Answer(code=-1, out="", err=f"{command[0]} could not be started: {error.strerror}")
    if done.returncode < 0:
        return Answer(code=-1, out="", err=f"{command[0]} crashed (signal {-done.returncode}) {done.stderr}".strip())
    return Answer(code=done.returncode, out=done.stdout, err=done.stderr)


def _find(root: Path, name: str, candidates: Sequence[_Candidate], oldest: Version) -> Tool | Problem:
    needed = ".".join(map(str, oldest))
    refused = []
    for candidate, program in _programs(root, candidates):
        answer = run([program, *candidate.ask], timeout=20)
        told = candidate.told.search(answer.out)
        if answer.code or told is None:
            refused.append(f"{program} does not tell its version")
        elif told[1] != "development" and tuple(map(int, told[1].split("."))) < oldest:
            refused.append(f"{program} is {candidate.name} {told[1]}")
        else:
            return Tool(name=candidate.name, command=(program, *candidate.arguments), version=told[1])
    met = f"; {', '.join(refused)}" if refused else " and none was found"
    return Problem(Place(name), "tool-missing", f"{name} {needed} or newer is needed{met}", _HINTS[name])


_HINTS = {
    "kustomize": "run 'make tools', or install kubectl or kustomize and put it on your PATH",
    "kubeconform": "run 'make tools', or install it from https://github.com/yannh/kubeconform/releases",
}


def _programs(root: Path, candidates: Sequence[_Candidate]) -> Iterator[tuple[_Candidate, str]]:
    seen = set()
    ours = (root / ".tools", Path(sys.executable).parent, Path(sys.prefix).parent / ".tools")
    for place in (*map(str, ours), os.environ.get("PATH", os.defpath)):
        for candidate in candidates:
            program = shutil.which(candidate.program, path=place)
            if program and program not in seen:
                seen.add(program)
                yield candidate, str(Path(program).absolute())
