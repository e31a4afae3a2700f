"""Whose everything is: labels by which costs are booked, series are told apart and objects are found.

Restated here and not shared with the builders. Labels beyond these are nobody's business here.
"""

from collections.abc import Iterator

from generator.compiled import Compiled
from generator.model import Agent, Environment
from generator.proofs import references
from generator.proofs.evidence import Manifest
from generator.proofs.findings import Breach
from generator.proofs.places import Path, of_agent, of_environment
from generator.proofs.wording import things

_IN_SPEC = {"tier": "tier", "team": "team", "cost-center": "costCenter"}  # labels, and the fields that they are set by


def breaches(environment: Environment, compiled: Compiled) -> Iterator[Breach]:
    """One for all of an owner's objects that have the same wrong value."""
    agents = {agent.name: agent for agent in environment.agents}
    for owner, manifests in compiled.objects.items():
        declared = _declared(environment, agents.get(owner))
        wrong: dict[tuple[str, str], list[str]] = {}
        for what, labels in (labelled for manifest in manifests for labelled in _labelled(manifest)):
            for label, value in declared.items():
                if labels.get(label) != value:
                    has = f"the label {label}: {labels[label]}" if label in labels else f"no label {label}"
                    wrong.setdefault((label, has), []).append(what)
        for (label, has), found in wrong.items():
            have = "have" if len(found) > 1 else "has"
            message = f"{things(found, owner)} {have} {has}, and the spec says {declared[label]}"
            paths = _paths(owner, environment.name, label, is_agent=owner in agents)
            hint = "costs are booked, and objects found, by what the spec says"
            yield Breach(rule="label-differs", paths=paths, message=message, hint=hint)


def _declared(environment: Environment, agent: Agent | None) -> dict[str, str]:
    namespace = environment.namespace
    app, team, cost_center = namespace.fleet, namespace.team, namespace.cost_center
    tier, more = "shared", {}
    if agent:
        app, team, cost_center, tier, more = agent.name, agent.team, agent.cost_center, agent.tier, dict(agent.labels)
    return {
        "app": app,
        "tier": tier,
        "team": team,
        "cost-center": cost_center,
        "environment": environment.name,
        "framework-version": namespace.framework_version,
        "app.kubernetes.io/name": app,
        "app.kubernetes.io/part-of": namespace.fleet,
        **more,
    }


def _labelled(manifest: Manifest) -> Iterator[tuple[str, Manifest]]:
    """The object, the jobs that it makes, and its pods: each is booked by itself."""
    what = f"{manifest['kind']} {manifest['metadata']['name']}"
    yield what, manifest["metadata"].get("labels", {})
    if manifest["kind"] == "CronJob":
        yield f"a job of {what}", manifest["spec"]["jobTemplate"].get("metadata", {}).get("labels", {})
    template = references.template_of(manifest)
    if template and template is not manifest:
        yield f"a pod of {what}", template.get("metadata", {}).get("labels", {})


def _paths(owner: str, environment: str, label: str, *, is_agent: bool) -> tuple[Path, ...]:
    if is_agent:
        field = (_IN_SPEC[label],) if label in _IN_SPEC else ()
        return (of_agent(owner, environment, *field),)
    return (("metadata", _IN_SPEC[label]),) if label in ("team", "cost-center") else (of_environment(environment),)
