"""What is wrong with Argo CD's Applications themselves: what they sync, and what their projects let them."""

from collections.abc import Iterator, Sequence

from generator.proofs.evidence import Manifest
from generator.proofs.findings import Breach
from generator.proofs.order import projects
from generator.proofs.order.delivery import Delivery
from generator.proofs.order.needs import item_of
from generator.proofs.places import Path

_GITOPS: tuple[Path, ...] = (("gitops",),)


def breaches(delivery: Delivery) -> Iterator[Breach]:
    for application in delivery.astray:
        name, path = application["metadata"]["name"], application["spec"]["source"]["path"]
        message = f"Application {name} syncs {path}, and no overlay is there"
        yield Breach(rule="path-missing", paths=_GITOPS, message=message, hint="run `kustodian generate`")
    objects = {compiled.environment: compiled.objects for compiled in delivery.environments}
    if delivery.root:
        yield from _judged(delivery, delivery.root, delivery.others)
    for (environment, owner), application in delivery.applications.items():
        yield from _judged(delivery, application, objects[environment][owner])


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
