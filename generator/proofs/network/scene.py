"""The pods of one cluster: those that the fleet runs, and one for each kind of pod outside that matters to it.

Outside is every namespace that the fleet does not compile; nothing closes it here. A pod stands there for all that a
policy's peer selects, or that the spec declares: it has their labels and no others.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.compiled import Compiled
from generator.model import Agent, Environment, Pods
from generator.proofs import references
from generator.proofs.evidence import Evidence, Manifest
from generator.proofs.network import declared, intervals
from generator.proofs.network.declared import SERVICE, Declaration, Sibling
from generator.proofs.network.intervals import Intervals
from generator.proofs.network.policies import KINDS, NAME_LABEL, PodPeer, Policy, read
from generator.proofs.network.reach import Pod, Reach
from generator.proofs.network.report import Endpoint, Kind
from generator.proofs.network.selectors import SOME_VALUE, Selector

_ANYWHERE = {NAME_LABEL: SOME_VALUE}
_Key = tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]  # labels of a namespace, and of a pod in it


@dataclass(frozen=True)
class Subject:
    """The pods of one workload of an agent, in an environment."""

    environment: str
    agent: str
    run: str


class Scene:
    """One cluster's pods by their index, the fleet's own first, and what the spec declares of them."""

    def __init__(self, members: Sequence[tuple[Compiled, Environment]]) -> None:
        self.environments = {compiled.environment: environment for compiled, environment in members}
        self.policies: list[tuple[str, str, Policy]] = []  # with environment and owner
        self.subjects: list[Subject] = []
        self.by_agent: dict[tuple[str, str], list[int]] = {}
        self.agents: dict[tuple[str, str], Agent] = {}
        self.declarations: dict[tuple[str, str], list[Declaration]] = {}
        self._pods: list[Pod] = []
        self._known: dict[str, str] = {}  # the fleet's namespaces, and their environments
        self._namespaces: dict[str, Mapping[str, str]] = {}
        self._outside: dict[_Key, int] = {}
        self._ends: dict[int, Endpoint] = {}
        self._declared: dict[_Key, list[int]] = {}
        self._allowed: dict[tuple[str, str, bool], Mapping[Sibling | _Key, Intervals]] = {}
        self._names: dict[_Key, str] = {}
        for compiled, environment in members:
            self._add(compiled, environment)
        self._add_outside()
        self.reach = Reach(self._pods, self._namespaces, [policy for _, _, policy in self.policies])
        self._keys_of: dict[int, list[_Key]] = {}
        for key in self._keys():
            for pod in self._selected(key):
                self._keys_of.setdefault(pod, []).append(key)

    # ------------------------------------------------------------------------------------------------------- who is who

    def end(self, pod: int) -> Subject | Endpoint:
        """Who the pod is, or stands for."""
        if pod < len(self.subjects):
            return self.subjects[pod]
        if pod not in self._ends:
            self._ends[pod] = self._endpoint(self._pods[pod])
        return self._ends[pod]

    def _endpoint(self, pod: Pod) -> Endpoint:
        labels = self._namespaces[pod.namespace]
        name = labels[NAME_LABEL].removeprefix(SOME_VALUE)
        beside = {} if pod.namespace in self._known else {key: labels[key] for key in labels if key != NAME_LABEL}
        where = ", ".join(filter(None, [name, *_pairs(beside)]))
        if where and not name:
            where = f"namespaces with {where}"
        only = next(iter(pod.labels.values())) if len(pod.labels) == 1 else ", ".join(_pairs(pod.labels))
        what = self._names.get(_key(labels, pod.labels), only)
        every = f"every pod of {where}" if where else "every pod"
        return Endpoint(
            kind=Kind.PODS,
            name=f"{what} ({where or 'every namespace'})" if what else every,
            namespace=name,
            labels=tuple(sorted(pod.labels.items())),
        )

    def is_absent(self, pod: int) -> bool:
        """Whether it stands for pods of the fleet's own namespaces, which are declared and do not run."""
        return pod >= len(self.subjects) and self._pods[pod].namespace in self._known

    def covers(self, pod: int, other: int) -> bool:
        """Whether the one stands for pods outside that the other is among."""
        return pod >= len(self.subjects) and all(
            one <= two for one, two in zip(self._labels_of(pod), self._labels_of(other), strict=True)
        )

    def _labels_of(self, pod: int) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
        """Those of its namespace, and its own."""
        found = self._pods[pod]
        namespace = {pair for pair in self._namespaces[found.namespace].items() if SOME_VALUE not in pair}
        return namespace, set(found.labels.items())

    # ------------------------------------------------------------------------------------------------- what is declared

    def others(self, declaration: Declaration, environment: str) -> list[int]:
        """The pods that the declaration must open."""
        match declaration.other:
            case Sibling(agent=agent):
                siblings = self.by_agent.get((environment, agent), ())
                return [pod for pod in siblings if self.subjects[pod].run == SERVICE]
            case Pods() as pods:
                return self._meant(pods)
            case _:
                return []

    def dns_servers(self) -> list[int]:
        """Those that answer agents whose hosts are known by name."""
        return [pod for pods in (declared.DNS, declared.DNS_CACHE) for pod in self._meant(pods)]

    def advice(self, declaration: Declaration, subject: Subject, other: int) -> str:
        """What a person can do about a declaration of the subject's that is closed, if it is the spec's own fault.

        Pods that the fleet runs open nothing for being named by their labels.
        """
        if self.is_absent(other):
            return "the fleet runs no such pods there; correct the labels, or leave it out"
        if isinstance(declaration.other, Sibling) or other >= len(self.subjects):
            return ""
        found = self.subjects[other]
        if found.environment != subject.environment:
            return "leave it out: environments are kept apart"
        if found.agent == subject.agent:
            return "leave it out: these are the agent's own pods"
        caller, called = (found.agent, subject.agent) if declaration.inward else (subject.agent, found.agent)
        return f"name {called} under talksTo of {caller} instead"

    def allowed(self, source: int, target: int) -> Intervals:
        """The ports on which anything declares that the one pod may reach the other."""
        found: list[Intervals] = []
        for pod, other, inward in ((source, target, False), (target, source, True)):
            if pod < len(self.subjects):
                subject = self.subjects[pod]
                ports = self._ports_declared(subject.environment, subject.agent, inward)
                ends = self._ends_declared(other, subject.environment)
                found += [ports[end] for end in ends if end in ports]
        return intervals.union(found)

    def _ports_declared(self, environment: str, agent: str, inward: bool) -> Mapping[Sibling | _Key, Intervals]:
        """Every end within the cluster that is declared of an agent in one direction, and its ports."""
        key = (environment, agent, inward)
        if key not in self._allowed:
            found: dict[Sibling | _Key, list[Intervals]] = {}
            for declaration in self.declarations[environment, agent]:
                other = declaration.other
                if declaration.inward is inward and isinstance(other, Sibling | Pods):
                    found.setdefault(other if isinstance(other, Sibling) else _key_of(other), []).append(
                        declaration.ports
                    )
            self._allowed[key] = {end: intervals.union(ports) for end, ports in found.items()}
        return self._allowed[key]

    def _ends_declared(self, pod: int, environment: str) -> Iterator[Sibling | _Key]:
        """As what an agent of this environment may declare the pod."""
        if pod < len(self.subjects) and self.subjects[pod].environment == environment:
            yield Sibling(self.subjects[pod].agent)
        yield from self._keys_of.get(pod, ())

    def _meant(self, pods: Pods) -> list[int]:
        """The fleet's own pods that are declared so, or what stands for those of others."""
        found = self._selected(_key_of(pods))
        return [pod for pod in found if pod < len(self.subjects)] or [self._outside[_key_of(pods)]]

    def _selected(self, key: _Key) -> list[int]:
        if key not in self._declared:
            namespace, labels = key
            self._declared[key] = self.reach.selected(PodPeer(Selector(namespace), Selector(labels)))
        return self._declared[key]

    # -------------------------------------------------------------------------------------------------------- gathering

    def _add(self, compiled: Compiled, environment: Environment) -> None:
        self._known[compiled.namespace] = compiled.environment
        labels: dict[str, str] = {}
        for _, manifest in compiled.of_kind("Namespace"):
            labels = manifest["metadata"].get("labels", {})
        self._namespaces[compiled.namespace] = {**labels, NAME_LABEL: compiled.namespace}
        for owner, manifest in compiled.of_kind(*KINDS):
            self.policies.append((compiled.environment, owner, read(manifest)))
        for agent in environment.agents:
            key = (compiled.environment, agent.name)
            self.agents[key] = agent
            self.declarations[key] = list(declared.declarations(agent, environment))
            proxies = declared.proxies(agent)
            if proxies:
                pods, name = proxies
                self._names[_key_of(pods)] = name
        for owner, manifest in compiled.of_kind(*references.WORKLOADS):
            run = run_of(owner, manifest)
            key = (compiled.environment, owner)
            self.declarations.setdefault(key, [])
            self.by_agent.setdefault(key, []).append(len(self._pods))
            self.subjects.append(Subject(compiled.environment, owner, run))
            self._pods.append(pod_of(compiled.namespace, manifest))

    def _add_outside(self) -> None:
        self._stand_in(_ANYWHERE, {})
        for of_namespace, of_pod in self._keys():
            self._stand_in(dict(of_namespace), dict(of_pod))
        peers = (
            peer
            for _, _, policy in self.policies
            for grants in policy.grants.values()
            for grant in grants
            for peer in grant.peers
        )
        for peer in dict.fromkeys(peer for peer in peers if isinstance(peer, PodPeer)):
            if isinstance(peer.namespaces, Selector):
                for namespace in peer.namespaces.witnesses(_ANYWHERE):
                    if namespace[NAME_LABEL] not in self._known:
                        for labels in peer.pods.witnesses({}):
                            self._stand_in(namespace, labels)

    def _keys(self) -> dict[_Key, None]:
        """Everything that is declared by namespace and labels."""
        every = (declaration.other for found in self.declarations.values() for declaration in found)
        return dict.fromkeys(_key_of(other) for other in every if isinstance(other, Pods))

    def _stand_in(self, namespace: Mapping[str, str], labels: Mapping[str, str]) -> None:
        key = _key(namespace, labels)
        if key not in self._outside:
            name = namespace[NAME_LABEL]
            if name not in self._known:
                name = " ".join(map("=".join, key[0]))  # no name that a namespace may have
                self._namespaces[name] = namespace
            self._outside[key] = len(self._pods)
            self._pods.append(Pod(namespace=name, labels=labels))


def scenes(evidence: Evidence) -> Iterator[Scene]:
    """The environments, cluster by cluster: pods of different clusters select nothing of each other."""
    declared_ = {environment.name: environment for environment in evidence.fleet.environments}
    clusters: dict[str, list[tuple[Compiled, Environment]]] = {}
    for compiled in evidence.environments:
        environment = declared_[compiled.environment]
        clusters.setdefault(environment.server, []).append((compiled, environment))
    yield from map(Scene, clusters.values())


def run_of(owner: str, manifest: Manifest) -> str:
    """Which of an agent's runs a workload is: its service, or a job by its name."""
    name: str = manifest["metadata"]["name"]
    return SERVICE if manifest["kind"] == "Deployment" else name.removeprefix(f"{owner}-")


def pod_of(namespace: str, manifest: Manifest) -> Pod:
    """The pods that a workload makes."""
    template = references.template_of(manifest)
    assert template, manifest["kind"]
    ports = (port for container in template["spec"]["containers"] for port in container.get("ports", ()))
    named = ((port.get("protocol", "TCP"), port["name"], port["containerPort"]) for port in ports if "name" in port)
    return Pod(namespace=namespace, labels=template["metadata"].get("labels", {}), ports=tuple(named))


def _key(namespace: Mapping[str, str], labels: Mapping[str, str]) -> _Key:
    return tuple(sorted(namespace.items())), tuple(sorted(labels.items()))


def _key_of(pods: Pods) -> _Key:
    return _key({NAME_LABEL: str(pods.namespace)}, pods.labels)


def _pairs(labels: Mapping[str, str]) -> Iterable[str]:
    return (f"{key}={value}" for key, value in sorted(labels.items()))
