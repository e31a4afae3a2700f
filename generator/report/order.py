"""Order: which Application Argo CD applies in which wave, which ones wait for a person, and the waves within them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from generator.model import Fleet
from generator.names import NAMESPACE_FOLDER
from generator.report.words import Data


@dataclass(frozen=True, kw_only=True)
class Wave:
    """One wave of the app of apps: what is not an Application, and the owners of Applications by environment."""

    number: int
    objects: tuple[str, ...]
    automatic: tuple[tuple[str, ...], ...]
    by_hand: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Within:
    """The waves within the Applications of one sort: the kinds in each."""

    sort: str
    waves: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class Freeze:
    """A time without automatic sync."""

    environment: str
    schedule: str
    duration: str
    time_zone: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Order:
    """How the fleet is rolled out."""

    root: str | None
    waves: tuple[Wave, ...]
    within: tuple[Within, ...]
    freezes: tuple[Freeze, ...]
    by_hand: int


def order(report: Data, fleet: Fleet) -> Order:
    """From the JSON of the order proof, and the spec's freezes."""
    root = next((one for one in report["applications"] if one["wave"] is None), None)
    others = [one for one in report["applications"] if one["wave"] is not None]
    objects = {wave["number"]: wave["objects"] for wave in (root["waves"] if root else ())}
    environments = [environment.name for environment in fleet.environments]
    numbers = sorted({*objects, *(one["wave"] for one in others)})
    return Order(
        root=root["name"] if root else None,
        waves=tuple(_wave(number, objects.get(number, []), others, environments) for number in numbers),
        within=tuple(_within(others)),
        freezes=tuple(
            Freeze(
                environment=environment.name,
                schedule=freeze.schedule,
                duration=freeze.duration,
                time_zone=freeze.time_zone,
                reason=freeze.reason,
            )
            for environment in fleet.environments
            for freeze in environment.freezes
        ),
        by_hand=sum(not one["automatic"] for one in others),
    )


def _wave(number: int, objects: list[Data], applications: list[Data], environments: list[str]) -> Wave:
    kinds = Counter(item["kind"] for item in objects if item["kind"] != "Application")
    mine = [one for one in applications if one["wave"] == number]

    def owners(environment: str, automatic: bool) -> tuple[str, ...]:
        return tuple(
            one["owner"] for one in mine if one["environment"] == environment and one["automatic"] == automatic
        )

    return Wave(
        number=number,
        objects=tuple(f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in kinds.items()),
        automatic=tuple(owners(environment, True) for environment in environments),
        by_hand=tuple(owners(environment, False) for environment in environments),
    )


def _within(applications: list[Data]) -> Iterator[Within]:
    for sort, is_namespace in (("a namespace", True), ("an agent", False)):
        waves: dict[int, dict[str, None]] = {}
        for one in applications:
            if (one["owner"] == NAMESPACE_FOLDER) == is_namespace:
                for wave in one["waves"]:
                    waves.setdefault(wave["number"], {}).update(dict.fromkeys(item["kind"] for item in wave["objects"]))
        if waves:
            yield Within(sort=sort, waves=tuple((number, tuple(kinds)) for number, kinds in sorted(waves.items())))
