"""Which alerts a change brings, changes or takes away, from the PrometheusRules of both sides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from generator.review.objects import Manifest, at, key_of, mapping, sequence


@dataclass(frozen=True, kw_only=True, order=True)
class AlertChange:
    """One alert of one PrometheusRule."""

    verb: Literal["added", "changed", "removed"]
    rule: str  # PrometheusRule/<namespace>/<name>
    alert: str


def alerts(before: Sequence[Manifest], after: Sequence[Manifest]) -> tuple[AlertChange, ...]:
    """What happens to the alerts of one source's objects."""
    old, new = _alerts(before), _alerts(after)
    changes = []
    verb: Literal["added", "changed", "removed"]
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            verb = "added" if key not in old else "removed" if key not in new else "changed"
            changes.append(AlertChange(verb=verb, rule=key[0], alert=key[1]))
    return tuple(changes)


def _alerts(manifests: Sequence[Manifest]) -> Mapping[tuple[str, str], list[Any]]:
    """Everything that has an alert's name, in any group of the object: one alert may have several severities."""
    found: dict[tuple[str, str], list[Any]] = {}
    for manifest in manifests:
        if manifest.get("kind") != "PrometheusRule":
            continue
        for group in sequence(at(manifest, "spec", "groups")):
            for rule in sequence(mapping(group).get("rules")):
                name = mapping(rule).get("alert")
                if name:
                    found.setdefault((str(key_of(manifest)), str(name)), []).append(rule)
    return found
