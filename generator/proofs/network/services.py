"""Holds each agent's Service against what the spec declares: its pods, its port, and no way past the policies.

Callers reach an agent through its Service, and policies judge the pod and the port that it leads them to: a Service
that leads elsewhere leaves every declared way dead. Read are the fields that the builder writes; every other one is
named as unread.

Source: https://kubernetes.io/docs/concepts/services-networking/service/ (defaults, named target ports)
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from generator.compiled import Compiled
from generator.model import Agent, Environment
from generator.proofs import references
from generator.proofs.evidence import Manifest
from generator.proofs.findings import Breach, joined
from generator.proofs.network.declared import SERVICE
from generator.proofs.network.reach import Pod
from generator.proofs.network.scene import pod_of, run_of
from generator.proofs.network.unread import unread
from generator.proofs.places import of_agent, of_environment

_PORT = {"name": True, "port": True, "targetPort": True, "protocol": True, "appProtocol": True}
_READ = {"type": True, "selector": True, "externalIPs": True, "ports": {**_PORT, "nodePort": True}}


def breaches(compiled: Compiled, environment: Environment) -> Iterator[Breach]:
    """What the Services of a namespace do that nothing declares, and fail to do."""
    agents = {agent.name: agent for agent in environment.agents if agent.service}
    found = set()
    pods = _Pods(compiled)
    for owner, manifest in compiled.of_kind("Service"):
        name, spec = manifest["metadata"]["name"], manifest["spec"]
        known = owner in agents
        path = of_agent(owner, compiled.environment, "service") if known else of_environment(compiled.environment)
        past = list(_past_policies(spec))
        if past:
            message = f"Service {name} {joined(past)}, so that callers come from addresses that no policy knows"
            hint = "let it be of type ClusterIP, and expose the agent by a route"
            yield Breach(rule="outside-policies", paths=(path,), message=message, hint=hint)
        if not known or name != owner:
            message = f"nothing declares the Service {name}"
            yield Breach(rule="service-astray", paths=(path,), message=message, hint="report a bug")
            continue
        found.add(owner)
        wrong = list(_wrong(spec, agents[owner], pods))
        if wrong:
            message = f"Service {name} {joined(wrong)}"
            yield Breach(rule="service-astray", paths=(path,), message=message, hint="report a bug")
    for name in agents:
        if name not in found:
            message = f"callers of {name} would go through a Service of its name, which is not there"
            path = of_agent(name, compiled.environment, "service")
            yield Breach(rule="service-astray", paths=(path,), message=message, hint="report a bug")


def _past_policies(spec: Manifest) -> Iterator[str]:
    kind = spec.get("type", "ClusterIP")
    if kind != "ClusterIP":
        yield f"is of type {kind}"
    if spec.get("externalIPs"):
        yield f"has the external addresses {', '.join(spec['externalIPs'])}"


def _wrong(spec: Manifest, agent: Agent, pods: "_Pods") -> Iterator[str]:
    assert agent.service
    selected = pods.selected(spec.get("selector") or {})
    own = pods.of_services.get(agent.name, [])
    others = [str(pod) for pod in selected if pod not in own]
    if not own or not all(pod in selected for pod in own):
        yield f"does not select the pods of {agent.name}"
    if others:
        yield f"selects those of {joined(others)}"
    wanted = f"TCP {agent.service.port} to {agent.service.port}"
    ways = sorted({_way(port, pod) for port in spec.get("ports", ()) for pod in own})
    if own and ways != [wanted]:
        yield f"leads from {joined(ways) or 'no port'}, where {wanted} is declared"
    strange = tuple(dict.fromkeys(unread(spec, _READ, "spec")))
    if strange:
        yield f"has {joined(strange)}, which this proof cannot judge"


@dataclass(frozen=True)
class _Served:
    """The pods of one of an agent's runs."""

    agent: str
    run: str
    pod: Pod = field(hash=False)

    def __str__(self) -> str:
        return self.agent if self.run == SERVICE else f"{self.agent}/{self.run}"


def _way(port: Manifest, to: _Served) -> str:
    """From the Service's port to that of the pod; without a target it is the same, and a name is the container's."""
    protocol, target = port.get("protocol", "TCP"), port.get("targetPort", port["port"])
    if isinstance(target, str):
        named = (str(number) for of, name, number in to.pod.ports if (of, name) == (protocol, target))
        target = next(named, f"{target!r}, which is none of its ports")
    return f"{protocol} {port['port']} to {target}"


class _Pods:
    """The pods of a namespace, by their labels."""

    def __init__(self, compiled: Compiled) -> None:
        self.of_services: dict[str, list[_Served]] = {}
        self._by_label: dict[tuple[str, str], list[_Served]] = {}
        for owner, manifest in compiled.of_kind(*references.WORKLOADS):
            found = _Served(owner, run_of(owner, manifest), pod_of(compiled.namespace, manifest))
            if found.run == SERVICE:
                self.of_services.setdefault(owner, []).append(found)
            for pair in found.pod.labels.items():
                self._by_label.setdefault(pair, []).append(found)

    def selected(self, selector: Mapping[str, str]) -> list[_Served]:
        """Those with all these labels; none where nothing is selected by."""
        lists = [self._by_label.get(pair, []) for pair in selector.items()]
        few = min(lists, key=len, default=[])
        return [found for found in few if selector.items() <= found.pod.labels.items()]
