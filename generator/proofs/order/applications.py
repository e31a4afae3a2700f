"""What is wrong with Argo CD's Applications themselves: what they sync, by whom, and what their projects let them."""

from collections.abc import Iterator, Sequence

from generator.model import Fleet
from generator.proofs.evidence import Manifest
from generator.proofs.findings import Breach, joined
from generator.proofs.order import annotations, declared, differences, projects, width
from generator.proofs.order.delivery import Delivery, is_automatic
from generator.proofs.order.needs import item_of
from generator.proofs.places import Path, of_environment

_GITOPS: tuple[Path, ...] = (("gitops",),)


def breaches(fleet: Fleet, delivery: Delivery) -> Iterator[Breach]:
    for application in delivery.astray:
        name, path = application["metadata"]["name"], application["spec"].get("source", {}).get("path")
        message = f"Application {name} syncs {path}, and no overlay is there"
        yield Breach(rule="path-missing", paths=_GITOPS, message=message, hint="run `kustodian generate`")
    for (environment, owner), applications in delivery.twice.items():
        called = joined([one["metadata"]["name"] for one in applications])
        message = f"Applications {called} sync the same overlays/{environment}/{owner}"
        yield Breach(rule="application-twice", paths=_GITOPS, message=message, hint="delete all but one")
    objects = {compiled.environment: compiled.objects for compiled in delivery.environments}
    if delivery.root:
        yield from _judged(delivery, delivery.root, delivery.others)
    else:
        message = f"no Application {fleet.name} syncs {declared.in_repository(fleet, declared.ROOT_FOLDER)}"
        hint = "without the root nothing else is applied; run `kustodian generate`"
        yield Breach(rule="application-missing", paths=_GITOPS, message=message, hint=hint)
    for (environment, owner), application in delivery.applications.items():
        yield from _judged(delivery, application, objects[environment][owner])
    yield from differences.breaches(fleet, delivery)
    yield from _synced_by(fleet, delivery)
    known = declared.projects(fleet)
    for name, project in delivery.projects.items():
        yield from width.breaches(project, known.get(name), fleet.gitops.repo_url)
    everything = [one for one in (delivery.root, *delivery.others) if one]
    yield from annotations.breaches("the fleet", everything, _GITOPS, differences.ANNOTATIONS)


def _judged(delivery: Delivery, application: Manifest, objects: Sequence[Manifest]) -> Iterator[Breach]:
    name, called = application["metadata"]["name"], application["spec"]["project"]
    project = delivery.projects.get(called)
    if not project:
        message = f"Application {name} is of the project {called}, which nothing makes"
        yield Breach(rule="project-missing", paths=_GITOPS, message=message, hint="name one that is there")
        return
    for what in projects.forbidden(project, application, objects):
        message = f"the project {called} does not allow Application {name} {what}"
        yield Breach(rule="project-forbids", paths=_GITOPS, message=message, hint="allow it there")
    first, then = item_of("", project), item_of("", application)
    if application is not delivery.root and first.turn >= then.turn:
        message = f"Application {name} (wave {then.wave}) needs its AppProject {called}, of wave {first.wave}"
        hint = "put the project into an earlier wave"
        yield Breach(rule="needs-later-wave", paths=_GITOPS, message=message, hint=hint)


# --------------------------------------------------------------------------------------------------------- who syncs it


def _synced_by(fleet: Fleet, delivery: Delivery) -> Iterator[Breach]:
    environments = {environment.name: environment for environment in fleet.environments}
    agents = {(one.name, agent.name): agent for one in fleet.environments for agent in one.agents}
    if delivery.root:
        yield from _wrong_sync(delivery.root, "", "it is the root of all others", _GITOPS)
    for (name, owner), application in delivery.applications.items():
        environment = environments[name]
        why = declared.by_person(fleet, environment, agents.get((name, owner)))
        paths = (of_environment(name, "sync"),)
        yield from _wrong_sync(application, why, f"{name} is `sync: {environment.sync}`", paths)


def _wrong_sync(application: Manifest, why: str, otherwise: str, paths: tuple[Path, ...]) -> Iterator[Breach]:
    if is_automatic(application) is not bool(why):
        return
    does = f"syncs by itself, and {why}" if why else f"waits for a person, and {otherwise}"
    message = f"Application {application['metadata']['name']} {does}"
    hint = f"set spec.syncPolicy.automated.enabled to {'false' if why else 'true'}"
    yield Breach(rule="approval-ignored", paths=paths, message=message, hint=hint)
