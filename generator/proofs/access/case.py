"""One environment: its bindings by whom they name, its accounts and its pods, and what the spec says of them.

It judges nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator.compiled import Compiled
from generator.model import Agent, Environment, Team
from generator.proofs import references
from generator.proofs.access import rbac
from generator.proofs.access.rbac import Binding, Rule, Subject
from generator.proofs.evidence import Manifest
from generator.proofs.places import Path, of_agent, of_environment

# Where every container finds the token, if it mounts nothing else there.
TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105  # a path

# Audiences of the clouds' own token services. A token for any other, or for none, may be good for the API server.
_CLOUD_AUDIENCES = ("sts.amazonaws.com", "api://AzureADTokenExchange")
_GOOGLE_AUDIENCE = ".svc.id.goog"  # after the project's name


@dataclass(frozen=True, kw_only=True)
class SubjectAccess:
    """What one subject may do in an environment, and by which bindings."""

    subject: Subject
    agent: str | None
    teams: tuple[str, ...]
    mounts_token: bool  # into a pod
    bindings: tuple[Binding, ...]


@dataclass(frozen=True, kw_only=True)
class Workload:
    """An object that makes pods."""

    owner: str
    manifest: Manifest
    template: Manifest

    @property
    def pod(self) -> Manifest:
        spec: Manifest = self.template["spec"]
        return spec

    @property
    def account(self) -> Subject:
        """Whom its pods run as; `serviceAccount` is the older name of the field."""
        name = self.pod.get("serviceAccountName") or self.pod.get("serviceAccount") or "default"
        return account_of({"name": name, "namespace": self.manifest["metadata"]["namespace"]})

    def __str__(self) -> str:
        return f"{self.manifest['kind']} {self.manifest['metadata']['name']}"


@dataclass(frozen=True, kw_only=True)
class Case:
    """The evidence about one environment, by what one asks of it."""

    name: str
    namespace: str
    environment: Environment
    compiled: Compiled
    agents: Mapping[str, Agent]
    teams: Mapping[str, list[Team]]  # by group
    bindings: tuple[Binding, ...]
    by_subject: Mapping[Subject, list[Binding]]
    accounts: Mapping[Subject, Manifest]
    workloads: tuple[Workload, ...]
    mounted: frozenset[Subject]  # whose tokens get into a pod

    @classmethod
    def of(cls, environment: Environment, compiled: Compiled) -> "Case":
        bindings = rbac.bindings(compiled)
        accounts = {account_of(manifest["metadata"]): manifest for _, manifest in compiled.of_kind("ServiceAccount")}
        workloads = tuple(
            Workload(owner=owner, manifest=manifest, template=template)
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
            compiled=compiled,
            agents={agent.name: agent for agent in environment.agents},
            teams=teams,
            bindings=tuple(bindings),
            by_subject=rbac.by_subject(bindings),
            accounts=accounts,
            workloads=workloads,
            mounted=frozenset(one.account for one in workloads if mounts_token(one, accounts)),
        )

    def subjects(self) -> Iterator[SubjectAccess]:
        """Everybody who is bound or has an account, for the report."""
        for subject in sorted({*self.accounts, *self.by_subject}):
            agent = self.agent(subject)
            is_account = subject.kind == "ServiceAccount"
            found = rbac.of_account(subject, self.by_subject) if is_account else self.by_subject.get(subject, [])
            yield SubjectAccess(
                subject=subject,
                agent=agent.name if agent else None,
                teams=tuple(team.name for team in self.teams.get(subject.name, ()) if subject.kind == "Group"),
                mounts_token=subject in self.mounted,
                bindings=tuple(found),
            )

    def agent(self, subject: Subject) -> Agent | None:
        is_ours = subject.kind == "ServiceAccount" and subject.namespace == self.namespace
        return self.agents.get(subject.name) if is_ours else None

    def rules(self, subject: Subject) -> list[Rule]:
        """What a subject may do in this namespace, by bindings that name it.

        Not by those for the whole cluster or for a group of Kubernetes' own: each of them is a breach of its own.
        """
        return [
            rule
            for binding in self.by_subject.get(subject, ())
            if binding.namespace == self.namespace and binding.role
            for rule in binding.role.rules
        ]

    @property
    def own(self) -> tuple[Path, ...]:
        return (of_environment(self.name),)

    def paths(self, owner: str, *path: str) -> tuple[Path, ...]:
        """Where the spec says this of an agent; of the namespace it is the environment."""
        return (of_agent(owner, self.name, *path),) if owner in self.agents else self.own

    @property
    def default(self) -> Subject:
        """The ServiceAccount that every namespace has."""
        return Subject(kind="ServiceAccount", name="default", namespace=self.namespace)

    def is_team(self, subject: Subject) -> bool:
        """Whether it is a team's group; the groups of Kubernetes itself are nobody's own."""
        return subject.kind == "Group" and subject.name in self.teams and not subject.name.startswith("system:")


def account_of(metadata: Manifest) -> Subject:
    return Subject(kind="ServiceAccount", name=metadata["name"], namespace=metadata["namespace"])


def mounts_token(workload: Workload, accounts: Mapping[Subject, Manifest]) -> bool:
    """Whether the API server's token gets into the pod: what the pod says counts, then its ServiceAccount, then yes."""
    volumes = workload.pod.get("volumes", ())
    sources = (source for volume in volumes for source in volume.get("projected", {}).get("sources", ()))
    if any(_opens(source["serviceAccountToken"]) for source in sources if "serviceAccountToken" in source):
        return True
    account = accounts.get(workload.account, {})
    asked = workload.pod.get("automountServiceAccountToken", account.get("automountServiceAccountToken", True))
    return bool(asked) and any(
        TOKEN_PATH not in (mount["mountPath"] for mount in container.get("volumeMounts", ()))
        for container in references.containers(workload.pod)
    )


def _opens(token: Manifest) -> bool:
    audience = token.get("audience", "")
    return audience not in _CLOUD_AUDIENCES and not audience.endswith(_GOOGLE_AUDIENCE)
