"""Names in the spec that must lead somewhere: agents, tiers, teams, environments, destinations, callers, secrets.

Works on the values, before the model: what a name leads to may itself be faulty, and must still count as known.
"""

from collections.abc import Collection, Iterator
from typing import Any

from generator.problems import Problem, did_you_mean
from generator.spec import platform
from generator.spec.reader import Document, Key

MANY = 200  # names among which a suggestion is still looked for


def check(document: Document, sound: Document) -> Iterator[Problem]:
    """Every name in `sound`, the document without faults of shape, that leads nowhere in the whole document."""
    known, values = _Known(document.values), sound.values
    for name, agent in values["agents"].items():
        yield from _agent(sound, known, name, agent)
    for block in ("tiers", "environments"):
        for name, layer in values[block].items():
            yield from _talks_to(sound, known, (block, name), layer, own_name=None)
    yield from _talks_to(sound, known, ("defaults",), values.get("defaults", {}), own_name=None)
    for name, service in values.get("platform", {}).get("services", {}).items():
        yield from _platform_service(sound, known, name, service)
    for index, waiver in enumerate(values.get("waivers", ())):
        yield from _waiver(sound, known, ("waivers", index), waiver)


class _Known:
    """The names that exist, whatever is wrong with what they name."""

    def __init__(self, values: Any) -> None:
        shared = _mapping(values, "platform")
        self.tiers = _mapping(values, "tiers")
        self.teams = _mapping(values, "teams")
        self.environments = _mapping(values, "environments")
        self.agents = _mapping(values, "agents")
        self.callers = {*platform.BUILT_IN_CALLERS, *_mapping(shared, "callers")}
        self.services = {*platform.BUILT_IN_SERVICES, *_mapping(shared, "services")}
        self.destinations = {*self.agents, *self.services, platform.KUBERNETES_API, platform.INTERNET}
        secrets = _mapping(values, "secretStore").get("shared", [])
        self.shared_secrets = [name for name in secrets if isinstance(name, str)] if isinstance(secrets, list) else []
        built_in = platform.services({}, "", "")
        own = _mapping(shared, "services")
        self.secret_of = {name: service.secret for name, service in built_in.items() if name not in own}


def _mapping(values: Any, key: str) -> dict[str, Any]:
    found = values.get(key) if isinstance(values, dict) else None
    return found if isinstance(found, dict) else {}


def _agent(document: Document, known: _Known, name: str, agent: Any) -> Iterator[Problem]:
    path = ("agents", name)
    if known.tiers:  # where there are none, the schema says so
        yield from _unknown(document, (*path, "tier"), "unknown-tier", str(agent["tier"]), known.tiers)
    if known.teams:
        yield from _unknown(document, (*path, "team"), "unknown-team", agent["team"], known.teams)
    yield from _layer(document, known, path, agent, name)
    for environment, own in agent.get("environments", {}).items():
        in_environment = (*path, "environments", environment)
        if known.environments:
            yield from _unknown(
                document, in_environment, "unknown-environment", environment, known.environments, of_key=True
            )
        yield from _layer(document, known, in_environment, own, name)


def _layer(document: Document, known: _Known, path: tuple[Key, ...], values: Any, own_name: str) -> Iterator[Problem]:
    yield from _talks_to(document, known, path, values, own_name)
    for index, caller in enumerate(values.get("service", {}).get("calledBy", ())):
        if isinstance(caller, str):
            yield from _unknown(
                document, (*path, "service", "calledBy", index), "unknown-caller", caller, known.callers
            )


def _talks_to(
    document: Document, known: _Known, path: tuple[Key, ...], values: Any, own_name: str | None
) -> Iterator[Problem]:
    for index, target in enumerate(values.get("talksTo", ())):
        if not isinstance(target, str):
            continue
        where = (*path, "talksTo", index)
        if target == own_name:
            place = document.place(*where)
            yield Problem(
                place, "talks-to-itself", f"{document.name(*where)}: an agent need not name itself", "delete it"
            )
            continue
        yield from _unknown(document, where, "unknown-destination", target, known.destinations)
        secret = known.secret_of.get(target)
        if secret and secret not in known.shared_secrets:
            yield _missing_secret(document, where, target, secret)


def _platform_service(document: Document, known: _Known, name: str, service: Any) -> Iterator[Problem]:
    secret = service.get("secret")
    where = ("platform", "services", name, "secret")
    if secret and secret not in known.shared_secrets:
        yield _missing_secret(document, where, name, secret)
    if name in known.agents or name in (platform.KUBERNETES_API, platform.INTERNET):
        place = document.key_place(*where[:3])
        yield Problem(
            place,
            "name-taken",
            f"{document.name(*where[:3])}: {name!r} already names another destination",
            "choose another name",
        )


def _waiver(document: Document, known: _Known, path: tuple[Key, ...], waiver: Any) -> Iterator[Problem]:
    if known.agents and "agent" in waiver:
        yield from _unknown(document, (*path, "agent"), "unknown-agent", waiver["agent"], known.agents)
    if known.tiers and "tier" in waiver:
        yield from _unknown(document, (*path, "tier"), "unknown-tier", str(waiver["tier"]), known.tiers)
    if known.teams and "team" in waiver:
        yield from _unknown(document, (*path, "team"), "unknown-team", waiver["team"], known.teams)
    if known.environments and "environment" in waiver:
        name = waiver["environment"]
        yield from _unknown(document, (*path, "environment"), "unknown-environment", name, known.environments)


def _missing_secret(document: Document, where: tuple[Key, ...], target: str, secret: str) -> Problem:
    message = (
        f"{document.name(*where)}: connecting to {target!r} takes the shared secret {secret!r}, which is not listed"
    )
    return Problem(document.place(*where), "unknown-secret", message, "add it to secretStore.shared")


def _unknown(
    document: Document, path: tuple[Key, ...], rule: str, name: str, known: Collection[str], *, of_key: bool = False
) -> Iterator[Problem]:
    if name not in known:
        place = document.key_place(*path) if of_key else document.place(*path)
        # To compare with every agent of a large fleet takes its time, and hundreds of such faults have one cause.
        hint = did_you_mean(name, known) if len(known) <= MANY else "check the spelling"
        yield Problem(place, rule, f"{document.name(*path)}: {name!r} is not known", hint)
