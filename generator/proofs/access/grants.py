"""Who is bound to what in an environment, and what of that is too much, undeclared, or leads nowhere."""

from collections.abc import Iterable, Iterator

from generator import names
from generator.compiled import Compiled
from generator.model import Agent, FakeStore, Permission
from generator.proofs.access import dangers, rbac, teams
from generator.proofs.access.case import Case, account_of
from generator.proofs.access.rbac import Binding, Rule, Subject
from generator.proofs.findings import Breach, joined
from generator.proofs.places import Path, of_agent, of_environment

# Who fetches the secrets, as External Secrets' own chart names it.
EXTERNAL_SECRETS = Subject(kind="ServiceAccount", name="external-secrets", namespace="external-secrets-system")
_TOKEN = {"groups": ("",), "resources": ("serviceaccounts/token",), "verbs": ("create",)}

WITHOUT = "take it out of the agent's permissions, or add a waiver with a reason, an owner and an end"


def breaches(case: Case) -> Iterator[Breach]:
    for binding in case.bindings:
        yield from _binding(case, binding)
    for name, label in _aggregated(case.compiled):
        message = f"ClusterRole {name} adds its rules to {label!r}, for everybody in the cluster"
        yield Breach(rule="cluster-wide", paths=case.own, message=message, hint="delete its label")
    for subject in sorted({*case.accounts, *case.by_subject}):
        agent = case.agent(subject)
        if agent:
            yield from _agent(case, agent, subject)
        elif subject in case.accounts or subject == case.default:
            yield from _nobodys(case, subject)
    yield from teams.breaches(case)
    yield from _reader_of_the_store(case)


# ------------------------------------------------------------------------------------------------------------- bindings


def _binding(case: Case, binding: Binding) -> Iterator[Breach]:
    paths, what = case.paths(binding.owner, "permissions"), f"{binding.kind} {binding.name}"
    if binding.kind == "ClusterRoleBinding":
        whom = joined([str(subject) for subject in binding.subjects]) or "nobody"
        message = f"{what} gives {whom} the {binding.role_kind} {binding.role_name} in every namespace"
        yield Breach(rule="cluster-wide", paths=paths, message=message, hint="bind it by a RoleBinding")
    if not binding.role:
        message = f"{what} gives {binding.role_kind} {binding.role_name}, and nothing says what that may do"
        yield Breach(rule="dangling-binding", paths=paths, message=message, hint="bind a Role that is there")
    for subject in binding.subjects:
        yield from _subject(case, binding, subject, paths, what)


def _subject(case: Case, binding: Binding, subject: Subject, paths: tuple[Path, ...], what: str) -> Iterator[Breach]:
    is_account = subject.kind == "ServiceAccount"
    if is_account and subject.namespace == case.namespace == (binding.namespace or case.namespace):
        if subject not in case.accounts and subject != case.default:
            message = f"{what} names the ServiceAccount {subject.name}, which nothing makes"
            yield Breach(rule="dangling-binding", paths=paths, message=message, hint="name one that is there")
    elif not case.is_team(subject) and not _fetches_secrets(case, binding, subject):
        whose = "which is of another namespace" if is_account else "which is no team's"
        message = f"{what} names the {subject}, {whose}"
        yield Breach(rule="foreign-subject", paths=paths, message=message, hint="name nobody from outside")


def _fetches_secrets(case: Case, binding: Binding, subject: Subject) -> bool:
    """Whether this is what External Secrets needs: a token for one ServiceAccount, which is no agent's."""
    if subject != EXTERNAL_SECRETS or not binding.role:
        return False
    named = {name for rule in binding.role.rules for name in rule.names}
    return (
        all(rule == Rule(**_TOKEN, names=rule.names) and rule.names for rule in binding.role.rules)
        and len(named) == 1
        and all(account_of({"name": name, "namespace": case.namespace}) in case.accounts for name in named)
        and not named & case.agents.keys()
    )


def _reader_of_the_store(case: Case) -> Iterator[Breach]:
    """A store is read as its ServiceAccount, whose token External Secrets must get; what else it gets is foreign."""
    if EXTERNAL_SECRETS not in case.by_subject and not isinstance(case.environment.namespace.store, FakeStore):
        (lacking,) = rbac.beyond([Rule(**_TOKEN, names=(names.SECRET_STORE,))], ())
        message = f"External Secrets may not {lacking}, and so not read the store"
        paths = (of_environment(case.name, "secretStore"), ("secretStore",))
        yield Breach(rule="missing-permission", paths=paths, message=message, hint="bind it to a Role that lets it")


def _aggregated(compiled: Compiled) -> Iterator[tuple[str, str]]:
    """The ClusterRoles that add to others: name and label."""
    for _, manifest in compiled.of_kind("ClusterRole"):
        for label in manifest["metadata"].get("labels", {}):
            if label.startswith(rbac.AGGREGATE_TO):
                yield manifest["metadata"]["name"], label.removeprefix(rbac.AGGREGATE_TO)


# --------------------------------------------------------------------------------------------------------------- agents


def _agent(case: Case, agent: Agent, subject: Subject) -> Iterator[Breach]:
    granted = case.rules(subject)
    declared = [_declared(permission) for permission in agent.permissions]
    own = of_agent(agent.name, case.name, "permissions")
    yield from _dangers(agent, granted, declared, own)
    lacking = list(rbac.beyond(granted, declared))
    if lacking:
        message = f"{agent.name} may {joined(lacking)}, which it does not declare"
        yield Breach(rule="undeclared-permission", paths=(own,), message=message, hint="declare it, or drop it")
    lacking = list(rbac.beyond(declared, granted))
    if lacking:
        message = f"{agent.name} declares that it may {joined(lacking)}, and no binding lets it"
        yield Breach(rule="missing-permission", paths=(own,), message=message, hint="bind its Role")


def _dangers(agent: Agent, granted: Iterable[Rule], declared: list[Rule], own: Path) -> Iterator[Breach]:
    # What External Secrets makes for it, under its own name.
    secrets = {agent.name} if agent.secrets.names else set()
    whose = {"agent": agent.name, "tier": agent.tier, "team": agent.team}
    for rule in granted:
        paths = ((*own, declared.index(rule) if rule in declared else 0),)
        for danger in dangers.DANGERS:
            found = danger.found_in(dangers.beyond_own_secrets(rule, secrets))
            if found:
                message = f"{agent.name} {danger.says.format(joined(found))}"
                yield Breach(rule=danger.rule, paths=paths, message=message, hint=WITHOUT, whose=whose)


def _nobodys(case: Case, subject: Subject) -> Iterator[Breach]:
    lacking = list(rbac.beyond(case.rules(subject), ()))
    if lacking:
        message = f"ServiceAccount {subject.name} may {joined(lacking)}, and is no agent's"
        yield Breach(rule="undeclared-permission", paths=case.own, message=message, hint="drop the binding")


def _declared(permission: Permission) -> Rule:
    return Rule(
        groups=permission.api_groups,
        resources=permission.resources,
        verbs=permission.verbs,
        names=permission.resource_names,
    )
