"""The plan on a screen: a headline, a table of the environments, and what the change means, in few lines."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from generator.proofs.cost.prices import cents, usd
from generator.proofs.edits import shown
from generator.proofs.findings import joined
from generator.review.changes import Risk
from generator.review.consequences import Consequences, CostChange, Figure
from generator.review.entries import Line
from generator.review.gate import TRAILER
from generator.review.plan import EnvironmentPlan, Plan

ARGOCD = "Argo CD"
CLUSTER = "cluster"
NOTHING = "-"
COLUMNS = 4  # environments that fit beside each other
HEAD = ("Environment", "Added", "Changed", "Removed", "Restarts", "Widens", "Destroys", "Ceiling a month", "Budget")


@dataclass(frozen=True, kw_only=True)
class Section:
    """What the change means in one respect."""

    title: str
    lines: tuple[Line, ...]


def headline(plan: Plan) -> str:
    """One sentence: what happens, and where."""
    touched = [environment.name or ARGOCD for environment in plan.environments if environment.is_touched]
    if not touched:
        return "No object changes."
    count = len(plan.changes)
    parts = []
    for risk, one, many in (
        (Risk.DESTROYS, "destroys data", "destroy data"),
        (Risk.WIDENS, "widens access", "widen access"),
        (Risk.RESTARTS, "restarts pods", "restart pods"),
        (Risk.REFUSED, "would be refused", "would be refused"),
    ):
        number = sum(any(own is risk for own, _ in change.risks) for change in plan.changes)
        if number:
            parts.append(one if count == 1 else f"{number} {one if number == 1 else many}")
    what = f"1 object changes in {joined(touched)}" if count == 1 else f"{count} objects change in {joined(touched)}"
    if not parts:
        return f"{what}; no risk is known."
    return f"{what}: {'it ' + joined(parts) if count == 1 else ', '.join(parts)}."


def table(plan: Plan) -> list[tuple[str, ...]]:
    """A row for each environment; the first is the head. Without any figure, cost is left out."""
    rows: list[tuple[str, ...]] = [HEAD]
    for environment in plan.environments:
        if not environment.name and not environment.is_touched:
            continue
        counts = (
            environment.added,
            environment.changed,
            environment.removed,
            len(environment.restarts),
            len(environment.widens),
            len(environment.destroys),
        )
        cost = environment.consequences.cost if environment.consequences else None
        rows.append(
            (
                _name(environment),
                *(str(count or "-") for count in counts),
                _change(cost.before, cost.after, _usd) if cost else "",
                _change(cost.budget_before, cost.budget, _usd) if cost else "",
            )
        )
    return rows if any(row[-2] for row in rows[1:]) else [row[:-2] for row in rows]


def sections(plan: Plan) -> tuple[Section, ...]:
    """What the change means, without what it leaves as it is."""
    found = (
        ("Cost, USD a month at the ceiling", _costs(plan)),
        ("Quota, the worst that may be asked for", _figures(plan)),
        ("Network", _gained_and_lost(plan, _ways, "way")),
        ("Permissions", _gained_and_lost(plan, _rights, "permission")),
        ("Remote secrets", _gained_and_lost(plan, _keys, "key")),
        ("Alerts", _alerts(plan)),
        ("Proofs", _findings(plan)),
    )
    return tuple(Section(title=title, lines=lines) for title, of in found if (lines := tuple(of)))


def gate_lines(plan: Plan) -> tuple[list[str], list[str]]:
    """What is acknowledged and by whom, and the trailers for what is not."""
    done = [f"{one.change}: acknowledged {one.acknowledged}" for one in plan.guarded if one.acknowledged]
    open_ = [f"{TRAILER}: {one.change}" for one in plan.unacknowledged]
    return done, open_


def cut(lines: Sequence[Line], most: int) -> Iterator[Line]:
    """The first lines, and how many more there are."""
    yield from lines[:most]
    if len(lines) > most:
        yield Line(sign="", text=f"... and {len(lines) - most} more")


# ---------------------------------------------------------------------------------------------------------- the figures

Grid = dict[str, dict[str, str]]  # what, by row and environment


def _costs(plan: Plan) -> Iterator[Line]:
    grid: Grid = {}
    for name, effects in _effects(plan):
        for agent, change in effects.agents:
            grid.setdefault(agent, {})[name] = _money(change)
    yield from _lines_of(grid)


def _money(change: CostChange) -> str:
    cost, budget = _change(change.before, change.after, _usd), _change(change.budget_before, change.budget, _usd)
    if change.after is None:
        return f"{_usd(change.before or 0)} -> gone"
    if change.before is None:
        budget = _usd(change.budget) if change.budget is not None else NOTHING
    over = change.budget is not None and change.after > change.budget
    return f"{cost} of {budget if budget != NOTHING else 'no budget'}" + (" OVER BUDGET" if over else "")


def _figures(plan: Plan) -> Iterator[Line]:
    grid: Grid = {}
    for name, effects in _effects(plan):
        said = {
            (figure.key.removeprefix("requests."), figure.worst_before, figure.worst)
            for figure in effects.figures
            if figure.bound_by != CLUSTER
        }
        for figure in effects.figures:
            if not any((figure.worst_before, figure.worst, figure.hard_before, figure.hard)):
                continue
            in_cluster = figure.bound_by == CLUSTER
            # A cluster is asked for the same as its quota: it is worth a word where it is the cluster that is full.
            if not in_cluster or (figure.key, figure.worst_before, figure.worst) not in said or _is_over(figure):
                key = f"cluster: {figure.key}" if in_cluster else figure.key
                grid.setdefault(key, {})[name] = _figure(figure)
    yield from _lines_of(dict(sorted(grid.items(), key=lambda item: item[0].startswith("cluster: "))))


def _figure(figure: Figure) -> str:
    def amount(of: Fraction | int) -> str:
        return shown(figure.key, Fraction(of))

    if figure.worst is None:
        return "gone"
    worst, hard = _change(figure.worst_before, figure.worst, amount), _change(figure.hard_before, figure.hard, amount)
    if figure.hard_before is None and figure.hard is not None:
        hard = amount(figure.hard)
    return f"{worst} of {hard}" + (" DOES NOT FIT" if _is_over(figure) else "")


def _is_over(figure: Figure) -> bool:
    return figure.worst is not None and figure.hard is not None and figure.worst > figure.hard


def _lines_of(grid: Grid) -> Iterator[Line]:
    """A table, with a column for each environment that has anything to say; too many of them are lines."""
    columns = list(dict.fromkeys(name for row in grid.values() for name in row))
    if len(columns) > COLUMNS:
        for what, row in grid.items():
            yield from (Line(sign="~", text=f"{name}: {what} {cell}") for name, cell in row.items())
        return
    table_ = [["", *columns], *([what, *(row.get(name, NOTHING) for name in columns)] for what, row in grid.items())]
    widths = [max(map(len, column)) for column in zip(*table_, strict=True)]
    for number, line in enumerate(table_ if grid else ()):
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        yield Line(sign="~" if number else "", text="  ".join(cells).rstrip())


# ----------------------------------------------------------------------------------------------------- gained and lost

Said = Callable[[Consequences, str], Iterator[tuple[str, str]]]


def _gained_and_lost(plan: Plan, told: Said, one: str) -> Iterator[Line]:
    """What several environments have alike is one line; what comes or goes with a whole environment is counted."""
    said: dict[tuple[str, str], list[str]] = {}
    for environment in plan.environments:
        if not environment.consequences:
            continue
        lines = list(dict.fromkeys(told(environment.consequences, environment.name)))
        if environment.standing != "kept" and lines:
            sign, verb = ("+", "comes with") if environment.standing == "added" else ("-", "goes with")
            what = f"1 {one} {verb}" if len(lines) == 1 else f"{len(lines)} {one}s {verb.replace('s ', ' ', 1)}"
            said[sign, f"{what} the environment"] = [environment.name]
            continue
        for line in lines:
            said.setdefault(line, []).append(environment.name)
    for (sign, text), names in said.items():
        yield Line(sign=sign, text=f"{joined(names)}: {text}")


def _ways(effects: Consequences, _: str) -> Iterator[tuple[str, str]]:
    for sign, ways, still in (("+", effects.ways_gained, "was open"), ("-", effects.ways_lost, "stays open")):
        for way in ways:
            note = f" ({still}: no address is told apart)" if way.by_address else ""
            yield sign, f"{way.source} to {way.target} on {way.ports}{note}"


def _rights(effects: Consequences, _: str) -> Iterator[tuple[str, str]]:
    for sign, rights in (("+", effects.rights_gained), ("-", effects.rights_lost)):
        for right in rights:
            kind, *_namespace, whose = right.who.split("/")
            yield sign, f"{f'agent {right.agent}' if right.agent else f'{kind} {whose}'} may {right.may}"


def _keys(effects: Consequences, environment: str) -> Iterator[tuple[str, str]]:
    for sign, keys, note in (
        ("+", effects.keys_gained, "must exist before the sync"),
        ("-", effects.keys_lost, "is read no more"),
    ):
        for key in keys:
            # Each environment has a key of its own.
            yield sign, f"{key.key.replace(f'/{environment}/', '/<env>/')} {note}"


def _alerts(plan: Plan) -> Iterator[Line]:
    signs = {"added": "+", "changed": "~", "removed": "-"}
    said: dict[tuple[str, str], list[str]] = {}
    for environment in plan.environments:
        for one in environment.alerts:
            text = f"{one.alert} of {one.rule.rpartition('/')[2]} is {one.verb}"
            said.setdefault((signs[one.verb], text), []).append(environment.name or ARGOCD)
    for (sign, text), names in said.items():
        yield Line(sign=sign, text=f"{joined(list(dict.fromkeys(names)))}: {text}")


def _findings(plan: Plan) -> Iterator[Line]:
    yield from (Line(sign="-", text=f"new: {one.rule}: {one.message}") for one in plan.found)
    yield from (Line(sign="+", text=f"gone: {one.rule}: {one.message}") for one in plan.found_no_longer)


# ---------------------------------------------------------------------------------------------------------------- words


def _effects(plan: Plan) -> Iterator[tuple[str, Consequences]]:
    for environment in plan.environments:
        if environment.consequences:
            yield environment.name, environment.consequences


def _name(environment: EnvironmentPlan) -> str:
    mark = {"added": " (new)", "removed": " (goes)", "kept": ""}[environment.standing]
    return (environment.name or ARGOCD) + (mark if environment.name else "")


def _change(before: Fraction | int | None, after: Fraction | int | None, told: Callable[[Fraction | int], str]) -> str:
    """`4`, `4 -> 8`, `new: 8`, `4 -> gone`."""
    if before is None:
        return NOTHING if after is None else f"new: {told(after)}"
    if after is None:
        return f"{told(before)} -> gone"
    return told(after) if before == after else f"{told(before)} -> {told(after)}"


def _usd(cost: Fraction | int) -> str:
    return usd(cost) + (".00" if isinstance(cost, Fraction) and cents(cost) % 100 == 0 else "")
