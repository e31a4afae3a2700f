"""`kustodian explain`: the way back from a generated line to the spec, the way there, and an agent's layers."""

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from generator.cli import tables
from generator.cli.options import Project, project_options
from generator.problems import ExitCode, Place, Problem, Stop, did_you_mean

if TYPE_CHECKING:
    from generator.explain.explanation import (
        AgentExplanation,
        GeneratedLine,
        LineExplanation,
        Source,
        SpecExplanation,
        ValueExplanation,
    )

OUTCOME = "nothing was explained"
LONGEST = 44  # characters of a value in a table


@click.command("explain")
@click.argument("what", metavar="FILE:LINE|AGENT")
@project_options
@click.option("--env", metavar="NAME", help="The environment in which to show an agent.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How to print it.  [default: text]",
)
def command(project: Project, what: str, env: str | None, form: str) -> None:
    """Say which lines of the spec a generated line comes from; or where a line of the spec, or an agent, gets to.

    A line of base/, overlays/ or argocd/: the values of the spec that wrote it, the narrowest first, with their layers,
    and the module that built it. A line of the spec: every generated line that it ends up in. An agent: each of its
    values in an environment, the layer it comes from, and what that overrode.

    \b
    Examples:
      kustodian explain base/ai-agent/cronjob.yaml:9
      kustodian explain spec/agents.yaml:57
      kustodian explain ai-agent --env prod
    """
    import gc

    gc.disable()  # as in Project.changes
    match = re.fullmatch(r"(.+?):([0-9]{1,9})(?::[0-9]+)?", what)
    explanation: LineExplanation | SpecExplanation | AgentExplanation
    if not match:
        explanation = _agent(project, what, env)
        lines = _agent_text(explanation)
    elif _is_spec(project, match[1]):
        explanation = _spec(project, int(match[2]))
        lines = _spec_text(explanation)
    else:
        explanation = _line(project, match[1], int(match[2]))
        lines = _line_text(explanation)
    if form == "json":
        click.echo(json.dumps(explanation.as_json(), indent=2))
    else:
        for line in lines:
            click.echo(line)


def _is_spec(project: Project, file: str) -> bool:
    return any(os.path.realpath(path) == os.path.realpath(project.spec) for path in (file, project.root / file))


# ---------------------------------------------------------------------------- what to explain


def _line(project: Project, file: str, line: int) -> "LineExplanation":
    from generator import tree
    from generator.explain import explanation
    from generator.explain.causes import Stale

    path = _below_root(project, file)
    if path.partition("/")[0] not in tree.FOLDERS:
        hint = (
            f"name a file below {', '.join(tree.FOLDERS[:-1])} or {tree.FOLDERS[-1]}, a line of the spec, or an agent"
        )
        raise _stop(Place(file, line), "not-generated", "is not a generated file", hint)
    fleet, document = project.loaded
    try:
        text = (project.root / path).read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        raise _not_there(project, file, path) from None
    count = len(text.removesuffix("\n").split("\n"))
    if not 1 <= line <= count:
        raise _stop(Place(file, line), "no-such-line", f"the file has {count} lines", f"name one from 1 to {count}")
    try:
        return explanation.of_line(document, fleet, path, text, line)
    except Stale:
        raise _not_there(project, file, path) from None


def _not_there(project: Project, file: str, path: str) -> Stop:
    """Why a file cannot be explained: the spec compiles to no such file, or to another one."""
    from generator import tree

    if path not in {planned for planned, _ in tree.files(project.fleet)}:
        hint = "run `kustodian generate` if it is left over, or name a file that `kustodian check` would miss"
        return _stop(Place(file), "not-generated", "the spec compiles to no such file", hint)
    message = "is not what the spec compiles to"
    return _stop(Place(file), "stale", message, "run `kustodian generate`, then ask again", ExitCode.FAILED)


def _below_root(project: Project, file: str) -> str:
    """The path from the root: as it is given, from the root or from here."""
    from_root = not Path(file).is_absolute() and ((project.root / file).exists() or not Path(file).exists())
    return Path(os.path.normpath(file) if from_root else os.path.relpath(file, project.root)).as_posix()


def _spec(project: Project, line: int) -> "SpecExplanation":
    from generator.explain import explanation

    _, document = project.loaded
    found = explanation.of_spec(document, line)
    if not found.values:
        place = Place(document.file, line)
        raise _stop(place, "nothing-there", "the spec says nothing on this line", "name a line with a key or a value")
    return found


def _agent(project: Project, agent: str, environment: str | None) -> "AgentExplanation":
    from generator.explain import explanation

    fleet, document = project.loaded
    names = [each.name for each in fleet.base_agents]
    if agent not in names and "/" in agent:
        raise _stop(Place(agent), "no-such-line", "names no line", f"name one, such as {agent}:1")
    if agent not in names:
        place = document.key_place("agents")
        raise _stop(place, "unknown-agent", f"{agent!r} is not known", did_you_mean(agent, names))
    runs_in = [each.name for each in fleet.environments if any(there.name == agent for there in each.agents)]
    place = document.key_place("agents", agent)
    if environment is None:
        hint = f"name one with --env: {', '.join(runs_in)}" if runs_in else "it runs nowhere"
        raise _stop(place, "environment-needed", f"what {agent} is depends on the environment", hint)
    if environment not in runs_in:
        message = f"{agent} does not run in {environment!r}"
        raise _stop(place, "unknown-environment", message, did_you_mean(environment, runs_in))
    return explanation.of_agent(document, fleet, agent, environment)


def _stop(place: Place, rule: str, message: str, hint: str, code: ExitCode = ExitCode.BAD_INPUT) -> Stop:
    return Stop([Problem(place, rule, message, hint)], code, OUTCOME)


# ---------------------------------------------------------------------------- as text

_HOW = {
    "value": "writes it",
    "name": "names it",
    "presence": "is why it is there",
    "default": "left as it is; set {}",
}


def _line_text(found: "LineExplanation") -> Iterator[str]:
    yield f"{found.file}:{found.line}: {found.text.strip()}"
    rows: list[tables.Row] = []
    told: list[tuple[Any, ...]] = []
    for cause in found.causes:
        path = cause.source.path
        # That a block is needed goes without saying where what is in it is.
        if cause.how.value == "presence" and any(one[: len(path)] == path for one in told):
            continue
        told.append(path)
        how = _HOW[cause.how.value].format(cause.source.name)
        rows.append((f"  {_where(cause.source)}", cause.source.layer, _said(cause.source), how))
    yield from tables.aligned(rows, 4) if rows else ()
    if not rows:
        yield "  no value of the spec: the builder writes it for every fleet"
    yield f"  built by {found.builder.module}"
    if found.builder.base:
        yield f"  differs from {found.builder.base} ({found.builder.differ})"


def _where(source: "Source") -> str:
    return str(source.place) if source.place else "-"


def _said(source: "Source") -> str:
    """The value by its name below the layer."""
    from generator.explain.causes import layer_of

    name = source.name.removeprefix(f"{layer_of(source.path)}.")
    return name if source.value is None else f"{name}: {_shown(source.value)}"


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split("\n"))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _spec_text(found: "SpecExplanation") -> Iterator[str]:
    shown = []
    for value in found.values:
        inside = {
            (line.file, line.line)
            for other in found.values
            if other is not value and other.source.path[: len(value.source.path)] == value.source.path
            for line in other.lines
        }
        own = [line for line in value.lines if (line.file, line.line) not in inside]
        if own or not (value.source.value is None or value.lines):
            shown.append((value, own))
    for value, own in shown:
        source = value.source
        said = "" if source.value is None else f": {_shown(source.value)}"
        yield f"{_where(source)}: {source.name}{said}"
        if not own:
            yield "  no generated line: a higher layer overrides it, or only proofs read it"
        for line in own:
            if line.how.value != "presence":
                yield f"  {line.file}:{line.line}: {line.text.strip()}"
        yield from _presence(found, value, own)


def _presence(found: "SpecExplanation", value: "ValueExplanation", own: list["GeneratedLine"]) -> Iterator[str]:
    moved = Counter(line.file for line in value.lines)
    by_file: dict[str, list[int]] = {}
    for line in own:
        if line.how.value == "presence":
            by_file.setdefault(line.file, []).append(line.line)
    for file, numbers in by_file.items():
        whole = moved[file] == found.lengths[file]
        yield f"  {file}: is there for it" if whole else f"  {file}: {_ranges(numbers)} there for it"


def _ranges(numbers: list[int]) -> str:
    """
    >>> _ranges([1, 2, 3, 7])
    'lines 1-3, 7 are'
    """
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    text = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)
    return f"line {text} is" if len(numbers) == 1 else f"lines {text} are"


def _agent_text(found: "AgentExplanation") -> Iterator[str]:
    yield f"{found.agent} in {found.environment}"
    rows: list[tables.Row] = []
    for value in found.values:
        source = value.sources[0]
        rows.append((f"  {value.name}: {_shown(value.value)}", _where(source), source.layer))
        if value.bound:
            rows.append(
                (f"    {_shown(source.value)} before {value.bound.path[-1]}", _where(value.bound), value.bound.layer)
            )
        rows += [(f"    overrides {_shown(each.value)}", _where(each), each.layer) for each in value.sources[1:]]
    yield from tables.aligned(rows, 3)
