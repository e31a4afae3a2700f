"""Who is bound to what in an environment, and what of that is too much, undeclared, or leads nowhere."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from generator.compiled import Compiled
from generator.model import Agent, Environment, Permission, Team
from generator.proofs import references
from generator.proofs.access import dangers, rbac
from generator.proofs.access.rbac import Binding, Rule, Subject
from generator.proofs.evidence import Manifest
from generator.proofs.findings import Breach, joined
from generator.proofs.places import Path, of_agent, of_environment

# Who fetches the secrets, as External Secrets' own chart names it.
EXTERNAL_SECRETS = Subject(kind="ServiceAccount", name="external-secrets", namespace="external-secrets-system")

# What operating takes: to restart, to run a job now, to look into a pod.
_OPERATING = (dangers.WORKLOADS.rule, dangers.TUNNELS.rule)

WITHOUT = "take it out of the agent's permissions, or add a waiver with a reason, an owner and an end"


@dataclass(frozen=True, kw_only=True)
class SubjectAccess:
    """What one subject may do in an environment, and by which bindings."""

    subject: Subject
    agent: str | None
    teams: tuple[str, ...]
    mounts_token: bool  # into a pod
    bindings: tuple[Binding, ...]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One environment: its bindings by whom they name, its ServiceAccounts, and what the spec says of them."""

    name: str
    namespace: str
    environment: Environment
    agents: Mapping[str, Agent]
    teams: Mapping[str, list[Team]]  # by group
    bindings: tuple[Binding, ...]
    by_subject: Mapping[Subject, list[Binding]]
    accounts: Mapping[Subject, Manifest]
    pods: tuple[tuple[str, Manifest, Manifest], ...]  # owner, workload, pod
    mounted: frozenset[Subject]
    aggregated: tuple[tuple[str, str], ...]  # ClusterRoles that add to others: name and label

    @classmethod
    def of(cls, environment: Environment, compiled: Compiled) -> "Case":
        bindings = rbac.bindings(compiled)
        accounts = {_account(manifest["metadata"]): manifest for _, manifest in compiled.of_kind("ServiceAccount")}
        pods = tuple(
            (owner, manifest, template["spec"])
            for owner, manifest in compiled.of_kind(*references.WORKLOADS)
            if (template := references.template_of(manifest))
        )
        teams: dict[str, list[Team]] = {}
        for team in environment.namespace.teams:
            teams.setdefault(team.group, []).append(team)
        return cls(
            name=environment.name,
            namespace=compiled.namespace,
            environment=environment,
            agents={agent.name: agent for agent in environment.agents},
            teams=teams,
            bindings=tuple(bindings),
            by_subject=rbac.by_subject(bindings),
            accounts=accounts,
            pods=pods,
            mounted=frozenset(_runs_as(manifest, pod) for _, manifest, pod in pods if _mounts(manifest, pod, accounts)),
            aggregated=tuple(_aggregated(compiled)),
        )

    # ------------------------------------------------------------------------------------------------------ the report

    def subjects(self) -> Iterator[SubjectAccess]:
        for subject in sorted({*self.accounts, *self.by_subject}):
            agent = self.agent(subject)
            yield SubjectAccess(
                subject=subject,
                agent=agent.name if agent else None,
                teams=tuple(team.name for team in self.teams.get(subject.name, ()) if subject.kind == "Group"),
                mounts_token=subject in self.mounted,
                bindings=tuple(self.bindings_of(subject)),
            )

    def bindings_of(self, subject: Subject) -> list[Binding]:
        if subject.kind == "ServiceAccount":
            return rbac.of_account(subject, self.by_subject)
        return self.by_subject.get(subject, [])

    def agent(self, subject: Subject) -> Agent | None:
        is_ours = subject.kind == "ServiceAccount" and subject.namespace == self.namespace
        return self.agents.get(subject.name) if is_ours else None

    # ---------------------------------------------------------------------------------------------------- the breaches

    def breaches(self) -> Iterator[Breach]:
        yield from self._bindings()
        for name, label in self.aggregated:
            message = f"ClusterRole {name} adds its rules to {label!r}, for everybody in the cluster"
            yield Breach(rule="cluster-wide", paths=self.own, message=message, hint="delete its label")
        for subject in sorted({*self.accounts, *self.by_subject}):
            agent = self.agent(subject)
            if agent:
                yield from self._agent(agent, subject)
            elif subject in self.accounts or subject == self.default:
                yield from self._nobodys(subject)
            elif self._is_team(subject):
                yield from self._team(self.teams[subject.name][0], subject)
        for owner, workload, pod in self.pods:
            yield from self._pod(owner, workload, pod)

    @property
    def own(self) -> tuple[Path, ...]:
        return (of_environment(self.name),)

    @property
    def default(self) -> Subject:
        """The ServiceAccount that every namespace has."""
        return Subject(kind="ServiceAccount", name="default", namespace=self.namespace)

    def _is_team(self, subject: Subject) -> bool:
        """Whether it is a team's group; the groups of Kubernetes itself are nobody's own."""
        return subject.kind == "Group" and subject.name in self.teams and not subject.name.startswith("system:")

    def _bindings(self) -> Iterator[Breach]:
        for binding in self.bindings:
            paths, what = self._owner(binding.owner), f"{binding.kind} {binding.name}"
            if binding.kind == "ClusterRoleBinding":
                whom = joined([str(subject) for subject in binding.subjects]) or "nobody"
                message = f"{what} gives {whom} the {binding.role_kind} {binding.role_name} in every namespace"
                yield Breach(rule="cluster-wide", paths=paths, message=message, hint="bind it by a RoleBinding")
            if not binding.role:
                message = f"{what} gives {binding.role_kind} {binding.role_name}, and nothing says what that may do"
                yield Breach(rule="dangling-binding", paths=paths, message=message, hint="bind a Role that is there")
            for subject in binding.subjects:
                yield from self._subject(binding, subject, paths, what)

    def _subject(self, binding: Binding, subject: Subject, paths: tuple[Path, ...], what: str) -> Iterator[Breach]:
        is_account = subject.kind == "ServiceAccount"
        if is_account and subject.namespace == self.namespace == (binding.namespace or self.namespace):
            if subject not in self.accounts and subject != self.default:
                message = f"{what} names the ServiceAccount {subject.name}, which nothing makes"
                yield Breach(rule="dangling-binding", paths=paths, message=message, hint="name one that is there")
        elif not self._is_team(subject) and not self._fetches_secrets(binding, subject):
            whose = "which is of another namespace" if is_account else "which is no team's"
            message = f"{what} names the {subject}, {whose}"
            yield Breach(rule="foreign-subject", paths=paths, message=message, hint="name nobody from outside")

    def _fetches_secrets(self, binding: Binding, subject: Subject) -> bool:
        """Whether this is what External Secrets needs: a token for one ServiceAccount, which is no agent's."""
        if subject != EXTERNAL_SECRETS or not binding.role:
            return False
        token = {"groups": ("",), "resources": ("serviceaccounts/token",), "verbs": ("create",)}
        named = {name for rule in binding.role.rules for name in rule.names}
        return (
            all(rule == Rule(**token, names=rule.names) and rule.names for rule in binding.role.rules)
            and len(named) == 1
            and all(_account({"name": name, "namespace": self.namespace}) in self.accounts for name in named)
            and not named & self.agents.keys()
        )

    def _agent(self, agent: Agent, subject: Subject) -> Iterator[Breach]:
        granted = self._rules(subject)
        declared = [_declared(permission) for permission in agent.permissions]

        own = of_agent(agent.name, self.name, "permissions")

        def where(rule: Rule) -> tuple[Path, ...]:
            return ((*own, declared.index(rule) if rule in declared else 0),)

        yield from self._dangers(agent.name, granted, agent, where)
        paths = (own,)
        for lacking in rbac.beyond(granted, declared):
            message = f"{agent.name} may {lacking}, which it does not declare"
            yield Breach(rule="undeclared-permission", paths=paths, message=message, hint="declare it, or drop it")
        for lacking in rbac.beyond(declared, granted):
            message = f"{agent.name} declares that it may {lacking}, and no binding lets it"
            yield Breach(rule="missing-permission", paths=paths, message=message, hint="bind its Role")

    def _nobodys(self, subject: Subject) -> Iterator[Breach]:
        for lacking in rbac.beyond(self._rules(subject), ()):
            message = f"ServiceAccount {subject.name} may {lacking}, and is no agent's"
            yield Breach(rule="undeclared-permission", paths=self.own, message=message, hint="drop the binding")

    def _team(self, team: Team, subject: Subject) -> Iterator[Breach]:
        operates = self.environment.namespace.teams_operate
        paths = (of_environment(self.name, "teamAccess"),)
        for breach in self._dangers(f"team {team.name}", self._rules(subject), team, lambda _: paths):
            if not (operates and breach.rule in _OPERATING):
                yield breach

    def _dangers(
        self, who: str, rules: Iterable[Rule], whose: Agent | Team, where: Callable[[Rule], tuple[Path, ...]]
    ) -> Iterator[Breach]:
        if isinstance(whose, Agent):
            hint, named = WITHOUT, {"agent": whose.name, "tier": whose.tier, "team": whose.team}
        else:
            hint, named = "take it out of the team's role", {"team": whose.name}
        for rule in rules:
            for danger in dangers.DANGERS:
                found = danger.found_in(rule)
                if found:
                    message = f"{who} {danger.says.format(joined(found))}"
                    yield Breach(rule=danger.rule, paths=where(rule), message=message, hint=hint, whose=named)

    def _rules(self, subject: Subject) -> list[Rule]:
        """What a subject may do in this namespace; a ClusterRoleBinding is a breach of its own."""
        return [
            rule
            for binding in self.bindings_of(subject)
            if binding.namespace == self.namespace and binding.role
            for rule in binding.role.rules
        ]

    def _pod(self, owner: str, workload: Manifest, pod: Manifest) -> Iterator[Breach]:
        account, what = _runs_as(workload, pod), f"{workload['kind']} {workload['metadata']['name']}"
        paths = (of_agent(owner, self.name, "permissions"),)
        if account not in self.accounts:
            message = f"{what} runs as the ServiceAccount {account.name}, which nothing makes"
            yield Breach(rule="account-missing", paths=paths, message=message, hint="give it one of its own")
        may = bool(self._rules(account))
        if _mounts(workload, pod, self.accounts) and not may:
            message = f"{what} mounts the token of {account.name}, which may do nothing"
            hint = "set automountServiceAccountToken to false"
            yield Breach(rule="token-mounted", paths=paths, message=message, hint=hint)
        elif may and not _mounts(workload, pod, self.accounts):
            message = f"{what} mounts no token, and {account.name} has permissions"
            hint = "set automountServiceAccountToken to true"
            yield Breach(rule="token-mounted", paths=paths, message=message, hint=hint)

    def _owner(self, owner: str) -> tuple[Path, ...]:
        return (of_agent(owner, self.name, "permissions"),) if owner in self.agents else self.own


# ------------------------------------------------------------------------------------------------------------- accounts


def _account(metadata: Manifest) -> Subject:
    return Subject(kind="ServiceAccount", name=metadata["name"], namespace=metadata["namespace"])


def _runs_as(workload: Manifest, pod: Manifest) -> Subject:
    return _account({"name": pod.get("serviceAccountName", "default"), "namespace": workload["metadata"]["namespace"]})


def _mounts(workload: Manifest, pod: Manifest, accounts: Mapping[Subject, Manifest]) -> bool:
    """Whether the API server's token gets into the pod: what the pod says counts, then its ServiceAccount, then yes."""
    sources = (source for volume in pod.get("volumes", ()) for source in volume.get("projected", {}).get("sources", ()))
    # A token for another audience opens nothing here.
    if any("audience" not in source["serviceAccountToken"] for source in sources if "serviceAccountToken" in source):
        return True
    account = accounts.get(_runs_as(workload, pod), {})
    return bool(pod.get("automountServiceAccountToken", account.get("automountServiceAccountToken", True)))


def _aggregated(compiled: Compiled) -> Iterator[tuple[str, str]]:
    for _, manifest in compiled.of_kind("ClusterRole"):
        for label in manifest["metadata"].get("labels", {}):
            if label.startswith(rbac.AGGREGATE_TO):
                yield manifest["metadata"]["name"], label.removeprefix(rbac.AGGREGATE_TO)


def _declared(permission: Permission) -> Rule:
    return Rule(
        groups=permission.api_groups,
        resources=permission.resources,
        verbs=permission.verbs,
        names=permission.resource_names,
    )
