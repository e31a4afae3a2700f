"""`kustodian access`: who may do what with the Kubernetes API."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.cli import tables
from generator.cli.proving import proof_command

if TYPE_CHECKING:
    from generator.proofs.access.case import SubjectAccess
    from generator.proofs.access.report import AccessReport
    from generator.proofs.evidence import Proof

WORDS = 4  # columns
AGENT, TEAM = "agent", "team"
NAMED = 4  # of subjects in one row


def _proof() -> "Proof":
    from generator.proofs import access

    return access


def _text(report: "AccessReport") -> Iterator[str]:
    yield from tables.aligned(list(_rows(report)), WORDS)
    yield ""
    yield from _notes(report)


def _markdown(report: "AccessReport") -> Iterator[str]:
    yield "### Access"
    yield ""
    yield from tables.markdown(list(_rows(report)), WORDS)
    yield ""
    yield from _notes(report)


def _rows(report: "AccessReport") -> Iterator[tables.Row]:
    """One row for each permission, with all environments that have it alike; subjects who may the same are one."""
    yield "Who", "May", "What", "In"
    own: dict[tuple[str, str], dict[tuple[str, str], dict[str, None]]] = {}
    for environment in report.environments:
        for subject in environment.subjects:
            for permission in _permissions(subject):
                own.setdefault(_who(subject), {}).setdefault(permission, {})[environment.name] = None
    alike: dict[tuple[str, tuple[tuple[str, str, str], ...]], list[str]] = {}
    for (kind, name), permissions in own.items():
        rows = tuple((verbs, what, ", ".join(within)) for (verbs, what), within in permissions.items())
        alike.setdefault((kind, rows), []).append(name)
    count = Counter(kind for kind, _ in own)
    for (kind, rows), subjects in alike.items():
        for row in rows:
            yield _together(kind, subjects, count[kind]), *row


def _together(kind: str, subjects: list[str], count: int) -> str:
    if kind in (AGENT, TEAM) and len(subjects) == count > 1:
        return f"every {kind}"
    more = f" and {len(subjects) - NAMED} more" if len(subjects) > NAMED else ""
    return f"{kind}{'s' if len(subjects) > 1 else ''} {', '.join(subjects[:NAMED])}{more}"


def _permissions(access: "SubjectAccess") -> Iterator[tuple[str, str]]:
    from generator.proofs.access.rbac import shown

    if not any(binding.role and binding.role.rules for binding in access.bindings):
        yield "nothing", ""
    for binding in access.bindings:
        if binding.role and binding.role.built_in:
            yield "view", "everything but Secrets, Roles and RoleBindings"
            continue
        for rule in binding.role.rules if binding.role else ():
            things = [*(shown(group, resource) for group in rule.groups for resource in rule.resources), *rule.urls]
            named = f" named {', '.join(rule.names)}" if rule.names else ""
            everywhere = "" if binding.namespace else " in every namespace"
            yield ", ".join(rule.verbs), ", ".join(things) + named + everywhere


def _who(access: "SubjectAccess") -> tuple[str, str]:
    """A kind of subject, and the name of one."""
    if access.agent:
        return AGENT, access.agent
    if access.teams:
        return TEAM, ", ".join(access.teams)
    # An account of the fleet's own has the same name in each environment, and another namespace.
    return access.subject.kind, access.subject.name


def _notes(report: "AccessReport") -> Iterator[str]:
    yield "By Role and RoleBinding, each in the environment's own namespace unless said otherwise."
    subjects = (subject for environment in report.environments for subject in environment.subjects)
    groups = {team: access.subject.name for access in subjects for team in access.teams}
    named = [f"{team} is the group {group}" for team, group in groups.items() if team != group]
    if named:
        yield f"Team {', '.join(named)}; every other is the group of its own name."
    yield from map(str, report.waived)


@proof_command("access", _proof, _text, markdown=_markdown)
def command() -> None:
    """Work out who may do what with the Kubernetes API, and fail where that is more, or less, than it should be.

    Read from the Roles and bindings that the spec compiles to. What the cluster holds besides is not looked at.

    \b
    Examples:
      kustodian access
      kustodian access --format json
    """
