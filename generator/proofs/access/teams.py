"""What each team may do: exactly what `teamAccess` gives it, by Kubernetes' own `view` and what operating takes.

Restated here and not shared with the builders, so that a fault in theirs is found.
"""

from collections.abc import Iterator

from generator.proofs.access import rbac
from generator.proofs.access.case import Case
from generator.proofs.access.rbac import Rule, Subject
from generator.proofs.findings import Breach, joined
from generator.proofs.places import of_environment

VIEW = "view"

# To restart by deleting pods, to scale, to look inside, to run a job now.
OPERATING = (
    Rule(groups=("",), resources=("pods",), verbs=("delete",)),
    Rule(groups=("",), resources=("pods/exec", "pods/portforward"), verbs=("create",)),
    Rule(groups=("apps",), resources=("deployments/scale",), verbs=("get", "patch", "update")),
    Rule(groups=("batch",), resources=("jobs",), verbs=("create", "delete")),
)


def breaches(case: Case) -> Iterator[Breach]:
    """One for all teams that may the same too much, and one for those that may the same too little."""
    access = "operate" if case.environment.namespace.teams_operate else VIEW
    declared = OPERATING if access == "operate" else ()
    more: dict[str, list[str]] = {}
    less: dict[str, list[str]] = {}
    for group, teams in case.teams.items():
        subject = Subject(kind="Group", name=group)
        if not case.is_team(subject):
            continue  # who binds it is told
        views, granted = _granted(case, subject)
        beyond = list(rbac.beyond(granted, (*declared, *views)))
        lacking = [*([] if views else ["view the namespace"]), *rbac.beyond(declared, granted)]
        for words, found in ((joined(beyond), more), (joined(lacking), less)):
            if words:
                found.setdefault(words, []).extend(team.name for team in teams)
    paths = (of_environment(case.name, "teamAccess"),)
    for words, who in more.items():
        message = f"{_teams(who)} may {words}, which `teamAccess: {access}` does not give"
        hint = "take it out of the role"
        yield Breach(rule="undeclared-permission", paths=paths, message=message, hint=hint)
    for words, who in less.items():
        message = f"{_teams(who)} may not {words}, which `teamAccess: {access}` gives"
        hint = "bind the group of each to what it may do"
        yield Breach(rule="missing-permission", paths=paths, message=message, hint=hint)


def _teams(names: list[str]) -> str:
    return f"team{'s' if len(names) > 1 else ''} {joined(names)}"


def _granted(case: Case, subject: Subject) -> tuple[tuple[Rule, ...], list[Rule]]:
    """The rules of `view`, if it is bound, and all others."""
    views: tuple[Rule, ...] = ()
    others: list[Rule] = []
    for binding in case.by_subject.get(subject, ()):
        if binding.namespace != case.namespace or not binding.role:
            continue
        if binding.role.built_in and binding.role.name == VIEW:
            views = binding.role.rules
        else:
            others += binding.role.rules
    return views, others
