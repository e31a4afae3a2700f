"""Tells which breaches of a rule may only be due to another fault: to a wrong shape, or to a name that leads nowhere.

What is faulty is not there when the rules judge the rest: without a limit that has a typo, a request is above the
built-in limit. Such problems are kept back until the first fault is mended; better too few words than wrong ones.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from generator.problems import Place, Problem
from generator.spec.reader import Document, Key

Path = tuple[Key, ...]

# Rules that judge a block together with others, or whose problem stands elsewhere.
_JUDGE = {
    "service": ("volume-cannot-attach", "destination-without-service", "runs-nothing"),
    "jobs": ("runs-nothing",),
    "maxReplicas": ("volume-cannot-attach", "replicas-out-of-order"),
    "resources": ("request-above-limit",),
    "job": ("request-above-limit", "deadline-too-short"),
    "talksTo": ("permissions-without-access", "variable-collision"),
    "domain": ("domain-missing",),
    "kubernetes": ("api-server-unknown",),
    "secretStore": ("store-identity-shared",),
    "sync": ("store-identity-shared",),
}


@dataclass(frozen=True)
class _Doubt:
    """Rules are not to be believed within a span, or one rule anywhere."""

    span: tuple[Place, Place] | None = None
    rule: str = ""

    def covers(self, problem: Problem) -> bool:
        if self.span and not self.span[0] <= problem.where < self.span[1]:
            return False
        return not self.rule or problem.rule == self.rule


def doubtful(document: Document, faults: Collection[Path], named: Collection[Problem]) -> Iterator[_Doubt]:
    """What to doubt where the shape has these faults, and these names lead nowhere."""
    for fault in faults:
        yield from _doubts(document, fault)
    agents = [_Doubt(document.span("agents", name)) for name in _names(document, "agents")]
    for problem in named:
        if problem.rule == "unknown-environment" or (problem.rule == "unknown-tier" and _tiers_are_layers(document)):
            yield from (agent for agent in agents if agent.covers(problem))
        if problem.rule == "unknown-destination":
            yield _Doubt(rule="permissions-without-access")


def _tiers_are_layers(document: Document) -> bool:
    """Whether some tier gives its agents values, which an agent of an unknown tier may lack."""
    tiers = document.values.get("tiers")
    layers = tiers.values() if isinstance(tiers, dict) else ()
    return any(not isinstance(layer, dict) or layer.keys() - {"monthlyBudget", "approval"} for layer in layers)


def _doubts(document: Document, fault: Path) -> Iterator[_Doubt]:
    match fault:
        case ("agents", name, "environments", _, "enabled") | ("agents", name, "environments", _):
            yield from _of_agent(document, ("agents", name))
        case ("agents", name, "environments") | ("agents", name):
            yield from _of_agent(document, ("agents", name))
        case ("agents", name, "environments", _, block, *_) | ("agents", name, block, *_):
            yield from _of_block(document, str(block), [name])
        case ("environments" | "tiers", _, block, *_) | ("defaults", block, *_):
            yield from _of_block(document, str(block), _names(document, "agents"))
        case () | ("agents" | "tiers" | "environments" | "defaults", *_):
            yield _Doubt()
        case (block, *_):
            yield _Doubt(document.span(block))
            yield from (_Doubt(rule=rule) for rule in _JUDGE.get(str(block), ()))


def _of_agent(document: Document, agent: Path) -> Iterator[_Doubt]:
    yield _Doubt(document.span(*agent))
    yield _Doubt(rule="destination-without-service")


def _of_block(document: Document, block: str, agents: Collection[Key]) -> Iterator[_Doubt]:
    """The block in every layer that has it, and the rules that judge it with others."""
    layers: list[Path] = [("defaults",)]
    layers += [(layer, name) for layer in ("tiers", "environments") for name in _names(document, layer)]
    for name in agents:
        layers.append(("agents", name))
        layers += [("agents", name, "environments", env) for env in _names(document, "agents", name, "environments")]
    yield from (_Doubt(document.span(*layer, block)) for layer in layers if document.has(*layer, block))
    yield from (_Doubt(rule=rule) for rule in _JUDGE.get(block, ()))


def _names(document: Document, *path: Key) -> list[Key]:
    value = document.values
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return list(value) if isinstance(value, dict) else []
