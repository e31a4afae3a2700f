"""`kustodian access`: who may do what with the Kubernetes API."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.cli import tables
from generator.cli.proving import proof_command

if TYPE_CHECKING:
    from generator.proofs.access.grants import SubjectAccess
    from generator.proofs.access.report import AccessReport
    from generator.proofs.evidence import Proof

WORDS = 4  # columns


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
    """One row for each permission, with all environments that have it alike."""
    yield "Who", "May", "What", "In"
    rows: dict[tuple[str, str, str], dict[str, None]] = {}
    for environment in report.environments:
        for subject in environment.subjects:
            for verbs, what in _permissions(subject):
                rows.setdefault((_who(subject), verbs, what), {})[environment.name] = None
    order = list(dict.fromkeys(who for who, _, _ in rows))
    for (who, verbs, what), environments in sorted(rows.items(), key=lambda row: order.index(row[0][0])):
        yield who, verbs, what, ", ".join(environments)


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


def _who(access: "SubjectAccess") -> str:
    if access.agent:
        return f"agent {access.agent}"
    if access.teams:
        return f"team {', '.join(access.teams)} (group {access.subject.name})"
    # An account of the fleet's own has the same name in each environment, and another namespace.
    subject = access.subject
    return f"{subject.kind} {subject.name}"


def _notes(report: "AccessReport") -> Iterator[str]:
    yield "By Role and RoleBinding, each in the environment's own namespace unless said otherwise."
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
