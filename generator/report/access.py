"""Access: who may do what with the Kubernetes API, said once for all environments where it is the same."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from generator.report.words import Data


@dataclass(frozen=True, kw_only=True)
class Permission:
    """Verbs on things, and the environments in which they are allowed."""

    verbs: str
    what: str
    environments: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Holder:
    """ServiceAccounts or groups of people that may do the same."""

    kind: str
    names: tuple[str, ...]
    said: str  # whose they are
    token: bool  # mounted into a pod, in some environment
    permissions: tuple[Permission, ...]


@dataclass(frozen=True, kw_only=True)
class Access:
    """Those who may do something, and the ServiceAccounts that may do nothing."""

    accounts: tuple[Holder, ...]
    people: tuple[Holder, ...]
    idle: tuple[Holder, ...]


def access(report: Data) -> Access:
    """From the JSON of the access proof."""
    subjects: dict[tuple[str, str, str], list[tuple[str, Data]]] = {}
    for environment in report["environments"]:
        for subject in environment["subjects"]:
            # An account of the fleet's own has the same name in each environment, and another namespace.
            outside = "" if subject["namespace"] == environment["namespace"] else subject["namespace"] or ""
            key = (subject["kind"], subject["name"], outside)
            subjects.setdefault(key, []).append((environment["name"], subject))
    holders = list(_merged(_holder(*key, found) for key, found in subjects.items()))
    may = [holder for holder in holders if holder.permissions]
    return Access(
        accounts=tuple(holder for holder in may if holder.kind == "ServiceAccount"),
        people=tuple(holder for holder in may if holder.kind != "ServiceAccount"),
        idle=tuple(holder for holder in holders if not holder.permissions),
    )


def _merged(holders: Iterable[Holder]) -> Iterator[Holder]:
    """Those that differ in nothing but their names as one."""
    alike: dict[Holder, list[str]] = {}
    for holder in holders:
        alike.setdefault(replace(holder, names=()), []).extend(holder.names)
    for holder, names in alike.items():
        yield replace(holder, names=tuple(names))


def _holder(kind: str, name: str, outside: str, found: list[tuple[str, Data]]) -> Holder:
    permissions: dict[tuple[str, str], dict[str, None]] = {}
    for environment, subject in found:
        for verbs, what in _permissions(subject):
            permissions.setdefault((verbs, what), {})[environment] = None
    agents = dict.fromkeys(subject["agent"] for _, subject in found if subject["agent"])
    teams = dict.fromkeys(team for _, subject in found for team in subject["teams"])
    if agents:
        said = "agent"
    elif teams:
        said = "team" if list(teams) == [name] else f"group of team {', '.join(teams)}"
    else:
        said = f"of namespace {outside}" if outside else "of the namespace"
    return Holder(
        kind=kind,
        names=(name,),
        said=said,
        token=any(subject["mountsToken"] for _, subject in found),
        permissions=tuple(
            Permission(verbs=verbs, what=what, environments=tuple(environments))
            for (verbs, what), environments in permissions.items()
        ),
    )


def _permissions(subject: Data) -> Iterator[tuple[str, str]]:
    for grant in subject["grants"]:
        if grant["builtIn"] and grant["rules"]:
            yield "view", "everything but Secrets, Roles and RoleBindings"
            continue
        for rule in grant["rules"]:
            things = [_thing(group, resource) for group in rule["apiGroups"] for resource in rule["resources"]]
            named = f" named {', '.join(rule['resourceNames'])}" if rule["resourceNames"] else ""
            everywhere = "" if grant["namespace"] else " in every namespace"
            yield ", ".join(rule["verbs"]), ", ".join([*things, *rule["nonResourceURLs"]]) + named + everywhere


def _thing(group: str, resource: str) -> str:
    """
    >>> _thing("apps", "deployments/scale")
    'deployments.apps/scale'
    """
    name, slash, part = resource.partition("/")
    return f"{name}.{group}{slash}{part}" if group else resource
