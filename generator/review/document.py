"""A plan as JSON data, in the form that `plan.schema.json` describes: all of it, whatever its length."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from generator.proofs.cost.prices import cents
from generator.proofs.edits import number, unit
from generator.review.alerts import AlertChange
from generator.review.changes import ABSENT, Change, FieldChange, Source
from generator.review.consequences import Consequences, CostChange, Figure, Found, Key, Right, Way
from generator.review.gate import Guarded
from generator.review.plan import EnvironmentPlan, Plan, Reference
from generator.review.summary import headline

Data = dict[str, Any]


def as_json(plan: Plan) -> Data:
    """The whole plan."""
    return {
        "from": _reference(plan.before),
        "to": _reference(plan.after),
        "merged": plan.merged,
        "headline": headline(plan),
        "notes": list(plan.notes),
        "environments": [_environment(environment) for environment in plan.environments],
        "changes": [_change(change) for change in plan.changes],
        "findings": {"new": _found(plan.found), "gone": _found(plan.found_no_longer)},
        "gate": [_guarded(one) for one in plan.guarded],
    }


def _reference(reference: Reference) -> Data:
    return {"name": reference.name, "commit": reference.commit}


def _environment(environment: EnvironmentPlan) -> Data:
    effects = environment.consequences
    return {
        "name": environment.name,
        "standing": environment.standing,
        "added": environment.added,
        "changed": environment.changed,
        "removed": environment.removed,
        "restarts": list(environment.restarts),
        "widens": list(environment.widens),
        "destroys": list(environment.destroys),
        "refused": list(environment.refused),
        "alerts": [_alert(one) for one in environment.alerts],
        "consequences": _consequences(effects) if effects else None,
    }


def _alert(one: AlertChange) -> Data:
    return {"verb": one.verb, "rule": one.rule, "alert": one.alert}


def _consequences(effects: Consequences) -> Data:
    return {
        "cost": _cost(effects.cost),
        "agents": [{"name": name, "cost": _cost(change)} for name, change in effects.agents],
        "quota": [_figure(figure) for figure in effects.figures],
        "network": {"gained": _ways(effects.ways_gained), "lost": _ways(effects.ways_lost)},
        "permissions": {"gained": _rights(effects.rights_gained), "lost": _rights(effects.rights_lost)},
        "secrets": {"gained": _keys(effects.keys_gained), "lost": _keys(effects.keys_lost)},
    }


def _cost(change: CostChange) -> Data:
    return {
        "before": _usd(change.before),
        "after": _usd(change.after),
        "budgetBefore": change.budget_before,
        "budget": change.budget,
    }


def _usd(cost: Fraction | None) -> float | None:
    return None if cost is None else cents(cost) / 100


def _figure(figure: Figure) -> Data:
    def amount(of: Fraction | None) -> float | int | None:
        return None if of is None else number(figure.key, of)

    return {
        "key": figure.key,
        "boundBy": figure.bound_by,
        "unit": unit(figure.key),
        "worstBefore": amount(figure.worst_before),
        "worst": amount(figure.worst),
        "hardBefore": amount(figure.hard_before),
        "hard": amount(figure.hard),
    }


def _ways(ways: Iterable[Way]) -> list[Data]:
    return [{"from": way.source, "to": way.target, "ports": way.ports, "byAddress": way.by_address} for way in ways]


def _rights(rights: Iterable[Right]) -> list[Data]:
    return [{"who": right.who, "may": right.may, "agent": right.agent or None} for right in rights]


def _keys(keys: Iterable[Key]) -> list[Data]:
    return [{"key": key.key, "owner": key.owner} for key in keys]


def _change(change: Change) -> Data:
    return {
        "verb": change.verb,
        "object": str(change.key),
        "group": change.key.group,
        "before": str(change.before_key) if change.before_key else None,
        "source": _source(change.source),
        "risks": [{"risk": risk.name.lower(), "reason": reason} for risk, reason in change.risks],
        "fields": [_field(field) for field in change.fields],
    }


def _source(source: Source) -> Data:
    return {"environment": source.environment, "owner": source.owner}


def _field(field: FieldChange) -> Data:
    """A side that lacks the field has null, as one has that holds null: `verb` tells the two apart."""
    before, after = (None if value is ABSENT else value for value in (field.before, field.after))
    verb = "added" if field.before is ABSENT else "removed" if field.after is ABSENT else "changed"
    return {"path": field.path, "verb": verb, "before": before, "after": after}


def _found(found: Iterable[Found]) -> list[Data]:
    return [{"rule": one.rule, "message": one.message} for one in found]


def _guarded(one: Guarded) -> Data:
    return {
        "rule": one.rule,
        "change": one.change,
        "reasons": list(one.reasons),
        "acknowledged": one.acknowledged or None,
        "ended": one.ended or None,
    }
