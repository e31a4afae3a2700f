"""Secrets: which remote keys there must be, in which store, who reads them and how a new value arrives. Names only."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from generator.report.words import Data

# Stands for each environment's name, in keys that are alike but for it.
ENVIRONMENT = "{environment}"


@dataclass(frozen=True, kw_only=True)
class Readers:
    """Workloads of a kind that read a key, and what a new value does there."""

    kind: str
    names: tuple[str, ...]
    effect: str


_Said = tuple[str, str | None, str, str, tuple[Readers, ...]]  # of a key, what may be the same elsewhere


@dataclass(frozen=True, kw_only=True)
class Store:
    """Where the values are kept, in these environments."""

    name: str
    where: str
    environments: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Key:
    """A remote key, and who reads it. `remote` may hold ENVIRONMENT."""

    remote: str
    property: str | None
    secret: str
    refresh: str
    readers: tuple[Readers, ...]
    environments: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """Every key by its owner, and how many there must be in all stores together."""

    stores: tuple[Store, ...]
    owners: tuple[tuple[str, tuple[Key, ...]], ...]
    count: int


def secrets(report: Data) -> Secrets:
    """From the JSON of the secrets proof."""
    environments = report["environments"]
    keys: dict[str, dict[_Said, dict[str, None]]] = {}
    alike = len(environments) > 1
    for environment in environments:
        for key in environment["keys"]:
            remote = _pattern(key["key"], environment["name"]) if alike else key["key"]
            of_owner = keys.setdefault(key["owner"], {})
            its = (
                remote,
                key["property"],
                f"{key['secret']}/{key['secretKey']}",
                key["refreshInterval"],
                _readers(key),
            )
            of_owner.setdefault(its, {})[environment["name"]] = None
    return Secrets(
        stores=tuple(_stores(environments)),
        owners=tuple((owner, tuple(_keys(found))) for owner, found in keys.items()),
        count=sum(len(environment["keys"]) for environment in environments),
    )


def _keys(found: dict[_Said, dict[str, None]]) -> Iterator[Key]:
    for (remote, its_property, secret, refresh, readers), environments in found.items():
        one = remote.replace(ENVIRONMENT, next(iter(environments))) if len(environments) == 1 else remote
        yield Key(
            remote=one,
            property=its_property,
            secret=secret,
            refresh=refresh,
            readers=readers,
            environments=tuple(environments),
        )


def _pattern(key: str, environment: str) -> str:
    """
    >>> _pattern("/ai-agents/dev/shared/developer-token", "dev")
    '/ai-agents/{environment}/shared/developer-token'
    """
    return re.sub(rf"(?<![A-Za-z0-9]){re.escape(environment)}(?![A-Za-z0-9])", ENVIRONMENT, key)


def _readers(key: Data) -> tuple[Readers, ...]:
    found: dict[tuple[str, str], dict[str, None]] = {}
    for one in key["consumers"]:
        found.setdefault((one["kind"], one["onRotation"]), {})[one["name"]] = None
    return tuple(Readers(kind=kind, names=tuple(names), effect=effect) for (kind, effect), names in found.items())


def _stores(environments: list[Data]) -> Iterator[Store]:
    found: dict[tuple[str, str], dict[str, None]] = {}
    for environment in environments:
        for store in environment["stores"]:
            settings = (f"{name} {value}" for name, value in store["settings"].items())
            where = ", ".join([store["provider"], *settings])
            found.setdefault((store["name"], where), {})[environment["name"]] = None
    for (name, where), where_alike in found.items():
        yield Store(name=name, where=where, environments=tuple(where_alike))
