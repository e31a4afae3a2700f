"""The Applications by what each syncs, and the waves in which Argo CD applies it. It judges nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from generator.compiled import Compiled
from generator.proofs.evidence import Evidence, Manifest
from generator.proofs.order.needs import Item, item_of
from generator.proofs.order.report import ApplicationOrder, Wave

Owner = tuple[str, str]  # environment and owner


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """The Applications by the overlay that each syncs, their projects, and the objects of every environment."""

    environments: tuple[Compiled, ...]
    root: Manifest | None
    others: tuple[Manifest, ...]  # what the root holds: projects and Applications
    applications: Mapping[Owner, Manifest]
    twice: Mapping[Owner, list[Manifest]]  # all Applications of an overlay that several sync
    astray: tuple[Manifest, ...]  # Applications whose path is no overlay
    projects: Mapping[str, Manifest]

    @classmethod
    def of(cls, evidence: Evidence) -> "Delivery":
        root = next((one for one in evidence.applications if _is_root(one, evidence.fleet.name)), None)
        by_hand = {(root["kind"], root["metadata"]["name"]), ("AppProject", root["spec"]["project"])} if root else set()
        base = evidence.fleet.gitops.path
        overlays = {
            "/".join(part for part in (base, "overlays", compiled.environment, owner) if part): (
                compiled.environment,
                owner,
            )
            for compiled in evidence.environments
            for owner in compiled.objects
        }
        found: dict[Owner, list[Manifest]] = {}
        astray = []
        for one in evidence.applications:
            if one["kind"] == "Application" and one is not root:
                owner = overlays.get(one["spec"].get("source", {}).get("path"))
                if owner:
                    found.setdefault(owner, []).append(one)
                else:
                    astray.append(one)
        return cls(
            environments=evidence.environments,
            root=root,
            others=tuple(one for one in evidence.applications if (one["kind"], one["metadata"]["name"]) not in by_hand),
            applications={owner: together[0] for owner, together in found.items()},
            twice={owner: together for owner, together in found.items() if len(together) > 1},
            astray=tuple(astray),
            projects={one["metadata"]["name"]: one for one in evidence.applications if one["kind"] == "AppProject"},
        )

    def wave(self, environment: str, owner: str) -> int | None:
        application = self.applications.get((environment, owner))
        return item_of("", application).wave if application else None

    # ------------------------------------------------------------------------------------------------------ the report

    def report(self) -> Iterator[ApplicationOrder]:
        if self.root:
            items = [item_of("argocd", manifest) for manifest in self.others]
            yield _order(self.root, None, None, None, items)
        objects = {compiled.environment: compiled.objects for compiled in self.environments}
        in_order = sorted(self.applications.items(), key=lambda one: item_of("", one[1]).wave)
        for (environment, owner), application in in_order:
            items = [item_of(owner, manifest) for manifest in objects[environment][owner]]
            yield _order(application, item_of("", application).wave, environment, owner, items)


def _is_root(manifest: Manifest, fleet: str) -> bool:
    """The app of apps has the fleet's name."""
    return (manifest["kind"], manifest["metadata"]["name"]) == ("Application", fleet)


def is_automatic(application: Manifest) -> bool:
    """Whether Argo CD syncs it by itself."""
    automated = application["spec"].get("syncPolicy", {}).get("automated")
    return automated is not None and automated.get("enabled") is not False


def _order(
    application: Manifest, wave: int | None, environment: str | None, owner: str | None, items: Iterable[Item]
) -> ApplicationOrder:
    waves: dict[tuple[int, int], list[Item]] = {}
    for item in sorted(items, key=lambda item: (item.place, item.name)):
        waves.setdefault(item.turn, []).append(item)
    spec = application["spec"]
    return ApplicationOrder(
        name=application["metadata"]["name"],
        wave=wave,
        project=spec["project"],
        path=spec.get("source", {}).get("path", ""),
        environment=environment,
        owner=owner,
        automatic=is_automatic(application),
        waves=tuple(Wave(number=turn[1], items=tuple(together)) for turn, together in waves.items()),
    )
