"""What the tests of the comparison share: objects written as YAML, and what a change of one comes to."""

import copy
from collections.abc import Sequence
from typing import Any

import yaml

from generator import compiled
from generator.model import Fleet
from generator.review.changes import Change, Risk, Source, compare

Manifest = dict[str, Any]
Built = dict[Source, list[Manifest]]

AGENT = Source(environment="prod", owner="web")


def parsed(text: str) -> list[Manifest]:
    return [document for document in yaml.safe_load_all(text) if document]


def changes(before: str, after: str) -> tuple[Change, ...]:
    """What becomes of the objects of one agent; one that has none is there all the same."""
    return compare({AGENT: parsed(before)}, {AGENT: parsed(after)})


def change(before: str, after: str) -> Change:
    (only,) = changes(before, after)
    return only


def risks(before: str, after: str) -> list[tuple[Risk, str]]:
    """The risks of the one change, beyond that it happens."""
    return list(change(before, after).risks)


def built(fleet: Fleet) -> Built:
    """A fleet as Kustomize would build it, but for the hashes."""
    result = {
        Source(environment=each.environment, owner=owner): copy.deepcopy(manifests)
        for each in compiled.environments(fleet)
        for owner, manifests in each.objects.items()
    }
    result[Source(environment="", owner="argocd")] = copy.deepcopy(compiled.applications(fleet))
    return result


def lines(found: Sequence[Change]) -> list[str]:
    """Each change on a line: its worst risk, what happens to what, and why."""
    return [f"{each.risk.name} {each.verb} {each.key}: {'; '.join(text for _, text in each.risks)}" for each in found]
