"""What breaks each rule of the network proof alone: a change to network.yaml, or to the objects compiled of it."""

from collections.abc import Iterable
from typing import Any

from tests.proof_worlds import Fault, Manifest, World


def policy(world: World, name: str, environment: str = "dev") -> Manifest:
    spec: Manifest = world.the("NetworkPolicy", name, environment)["spec"]
    return spec


def rule_of(world: World, agent: str, direction: str, port: int) -> Manifest:
    """The rule of an agent's policy that opens this port."""
    rules = policy(world, agent)[direction]
    found: Manifest = next(rule for rule in rules if rule["ports"][0]["port"] == port)
    return found


def without(agent: str, direction: str, port: int) -> Any:
    def tamper(world: World) -> None:
        policy(world, agent)[direction].remove(rule_of(world, agent, direction, port))

    return tamper


def with_rule(
    agent: str, direction: str, *peers: Manifest, ports: Iterable[Manifest] = (), environment: str = "dev"
) -> Any:
    """Another rule of an agent's policy; it leaves out what it is not given."""
    parts = {"to" if direction == "egress" else "from": list(peers), "ports": list(ports)}

    def tamper(world: World) -> None:
        policy(world, agent, environment)[direction].append({key: part for key, part in parts.items() if part})

    return tamper


def with_ports(agent: str, direction: str, port: int, *ports: Manifest) -> Any:
    def tamper(world: World) -> None:
        rule_of(world, agent, direction, port)["ports"] = list(ports)

    return tamper


def with_peers(agent: str, direction: str, port: int, *peers: Manifest) -> Any:
    def tamper(world: World) -> None:
        rule_of(world, agent, direction, port)["to" if direction == "egress" else "from"] = list(peers)

    return tamper


def all_of(*tampers: Any) -> Any:
    def tamper(world: World) -> None:
        for one in tampers:
            one(world)

    return tamper


def namespace(name: str) -> Manifest:
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


def pods(**labels: str) -> Manifest:
    return {"podSelector": {"matchLabels": labels}}


def agent(name: str) -> Manifest:
    return {"podSelector": {"matchLabels": {"app.kubernetes.io/name": name}}}


def tcp(*ports: int | str) -> list[Manifest]:
    return [{"protocol": "TCP", "port": port} for port in ports]


def without_policy(name: str) -> Any:
    def tamper(world: World) -> None:
        world.remove("NetworkPolicy", name)

    return tamper


def ingress_only(name: str) -> Any:
    def tamper(world: World) -> None:
        policy(world, name)["policyTypes"] = ["Ingress"]

    return tamper


def denied_apart(world: World) -> None:
    """The same default deny, as one policy for each direction, the one by the API's own default."""
    world.remove("NetworkPolicy", "default-deny")
    metadata = {"namespace": "fleet-dev"}
    for name, spec in (("in", {}), ("out", {"policyTypes": ["Egress"]})):
        made = world.add("namespace", "NetworkPolicy", name, spec={"podSelector": {}, **spec})
        made["metadata"] |= metadata


def no_egress_of_all(world: World) -> None:
    """DNS for the agents' pods alone."""
    spec = policy(world, "allow-dns")
    spec["podSelector"] = {"matchExpressions": [{"key": "app.kubernetes.io/name", "operator": "Exists"}]}


def dns_but_for(name: str) -> Any:
    def tamper(world: World) -> None:
        expression = {"key": "app.kubernetes.io/name", "operator": "NotIn", "values": [name]}
        policy(world, "allow-dns")["podSelector"] = {"matchExpressions": [expression]}

    return tamper


def cilium(**spec: Any) -> Any:
    """Another CiliumNetworkPolicy of front's."""

    def tamper(world: World) -> None:
        selected = {"endpointSelector": {"matchLabels": {"k8s:app.kubernetes.io/name": "front"}}}
        world.add("front", "CiliumNetworkPolicy", "extra", spec={**selected, **spec})

    return tamper


def cilium_ports(*ports: str, protocol: str = "TCP") -> list[Manifest]:
    return [{"ports": [{"port": port, "protocol": protocol} for port in ports]}]


def world_open(*entities: str) -> Any:
    return cilium(egress=[{"toEntities": list(entities), "toPorts": cilium_ports("443")}])


MEND = "mend the policy that should open it"
TALKS = "declare it under talksTo, or mend the policy that opens it"
CALLED = "declare it under service.calledBy, or mend the policy that opens it"
LOCAL = "local: {namespace: fleet-dev, labels: {app.kubernetes.io/name: back}, port: 9000}"
PROMETHEUS_PEER = namespace("fleet-monitoring") | pods(**{"app.kubernetes.io/name": "prometheus"})
PRIVATE_RANGES = "10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8 and 7 more"


def back_called_by(label: str, more: str = "") -> str:
    caller = f"{{namespace: fleet-dev, labels: {{app.kubernetes.io/name: {label}}}}}"
    return f"environments:\n  dev:\n    service:\n      calledBy:\n        - {caller}{more}"


def idle_talks_to(target: str, environment: str = "dev", more: str = "") -> str:
    return f"environments:\n  {environment}:\n    talksTo:\n      - {target}{more}"


BLOCKED = "  # E: blocked-edge"

OF_THE_SPEC = [
    # Pods of the fleet that the spec names by their labels: that opens one side alone.
    Fault(
        rule="blocked-edge",
        lines={"# in: back": back_called_by("idle", BLOCKED)},
        says="dev: idle is declared to reach back on TCP 9000, but the egress of idle is closed; "
        "name back under talksTo of idle instead",
        fine={"# in: back": back_called_by("idle"), "# in: idle": idle_talks_to("back")},
    ),
    Fault(
        rule="blocked-edge",
        lines={"# in: services": LOCAL, "# in: idle": idle_talks_to("local", more=BLOCKED)},
        says="dev: idle is declared to reach back on TCP 9000, but the ingress of back is closed; "
        "name back under talksTo of idle instead",
        fine={"# in: services": LOCAL, "# in: idle": idle_talks_to("back")},
    ),
    Fault(
        rule="blocked-edge",
        lines={"# in: services": LOCAL, "# in: idle": idle_talks_to("local", "prod", BLOCKED)},
        says="prod: idle is declared to reach back of dev on TCP 9000, but the ingress of back of dev is closed; "
        "leave it out: environments are kept apart",
        fine={"# in: services": LOCAL.replace("fleet-dev", "elsewhere"), "# in: idle": idle_talks_to("local", "prod")},
    ),
    Fault(
        rule="blocked-edge",
        lines={"# in: services": LOCAL.replace("back", "gone"), "# in: idle": idle_talks_to("local", more=BLOCKED)},
        says="dev: idle is declared to reach gone (fleet-dev) on TCP 9000, but the ingress of gone (fleet-dev) is "
        "closed; the fleet runs no such pods there; correct the labels, or leave it out",
        fine={"# in: services": LOCAL.replace("fleet-dev", "elsewhere"), "# in: idle": idle_talks_to("local")},
    ),
]

OF_THE_OBJECTS = [
    # What is declared and not open.
    Fault(
        rule="blocked-edge",
        tamper=without("front", "egress", 9000),
        at="- back",
        says=f"dev: front is declared to reach back on TCP 9000, but the egress of front is closed; {MEND}",
    ),
    Fault(
        rule="blocked-edge",
        tamper=with_peers("back", "ingress", 9000, PROMETHEUS_PEER),
        at="- back",
        says=f"dev: front is declared to reach back on TCP 9000, but the ingress of back is closed; {MEND}",
        fine_tamper=with_peers("back", "ingress", 9000, PROMETHEUS_PEER, agent("front")),
    ),
    Fault(
        rule="blocked-edge",
        tamper=all_of(
            without("front", "egress", 9000), with_peers("back", "ingress", 9000, PROMETHEUS_PEER, agent("idle"))
        ),
        at="- back",
        says="dev: front is declared to reach back on TCP 9000, but the egress of front and the ingress of back are "
        f"closed; {MEND}",
    ),
    Fault(
        rule="blocked-edge",
        tamper=with_ports("front", "egress", 9000, *tcp(9001)),
        at="- back",
        says=f"dev: front is declared to reach back on TCP 9000, but the egress of front is closed; {MEND}",
        # Its name is that of the receiver's own port.
        fine_tamper=with_ports("front", "egress", 9000, *tcp("http")),
    ),
    Fault(
        rule="blocked-edge",
        tamper=with_ports("front", "egress", 9000, {"protocol": "UDP", "port": 9000}),
        at="- back",
        says=f"dev: front is declared to reach back on TCP 9000, but the egress of front is closed; {MEND}",
        fine_tamper=with_ports("front", "egress", 9000, {"port": 9000}),
    ),
    Fault(
        rule="blocked-edge",
        # Both in one peer mean both: of the other environment, and called back.
        tamper=with_peers("front", "egress", 9000, namespace("fleet-prod") | agent("back")),
        at="- back",
        says=f"dev: front is declared to reach back on TCP 9000, but the egress of front is closed; {MEND}",
        fine_tamper=with_peers("front", "egress", 9000, namespace("fleet-dev") | agent("back")),
    ),
    Fault(
        rule="blocked-edge",
        tamper=without("front", "egress", 9200),
        at="- search",
        says=f"dev: front is declared to reach search (search) on TCP 9200, but the egress of front is closed; {MEND}",
        fine_tamper=with_ports("front", "egress", 9200, {"port": 9200, "endPort": 9200}),
    ),
    Fault(
        rule="blocked-edge",
        tamper=without("front", "egress", 443),
        at="- kubernetes-api",
        says="dev: front is declared to reach kubernetes-api on TCP 443, TCP 6443, but the egress of front is closed; "
        f"{MEND}",
    ),
    Fault(
        rule="blocked-edge",
        tamper=with_peers("front", "egress", 8443, {"ipBlock": {"cidr": "10.1.0.0/16", "except": ["10.1.2.0/24"]}}),
        at="- {cidr",
        says=f"dev: front is declared to reach 10.1.0.0/16 on TCP 8443, but the egress of front is closed; {MEND}",
        fine_tamper=with_peers(
            "front", "egress", 8443, {"ipBlock": {"cidr": "10.1.0.0/17"}}, {"ipBlock": {"cidr": "10.1.128.0/17"}}
        ),
    ),
    Fault(
        rule="blocked-edge",
        tamper=with_peers("back", "ingress", 9000, agent("front")),
        at="service: {port: 9000}",
        says="dev: prometheus (fleet-monitoring) is declared to reach back on TCP 9000, but the ingress of back is "
        f"closed; {MEND}",
    ),
    Fault(
        rule="blocked-edge",
        tamper=without("front", "ingress", 9090),
        at="sweep",
        says="dev: prometheus (fleet-monitoring) is declared to reach front/sweep on TCP 9090, but the ingress of "
        f"front/sweep is closed; {MEND}",
    ),
    Fault(
        rule="blocked-edge",
        tamper=dns_but_for("back"),
        at="back:",
        says="dev: back is declared to reach kube-dns (kube-system) on TCP 53, UDP 53, but the egress of back is "
        f"closed; {MEND}",
        fine_tamper=dns_but_for("another"),
    ),
    # What is open and not declared.
    Fault(
        rule="undeclared-edge",
        tamper=with_rule("front", "egress", namespace("search") | pods(app="other"), ports=tcp(9200)),
        at="talksTo:",
        says=f"dev: nothing declares that front may reach other (search) on TCP 9200, but it can; {TALKS}",
        fine_tamper=with_rule("front", "egress", namespace("search") | pods(app="search", on="x"), ports=tcp(9200)),
    ),
    Fault(
        rule="undeclared-edge",
        tamper=with_ports("front", "egress", 9200, {"port": 9200, "endPort": 9201}),
        at="talksTo:",
        says=f"dev: nothing declares that front may reach search (search) on TCP 9201, but it can; {TALKS}",
    ),
    Fault(
        rule="undeclared-edge",
        tamper=with_ports("front", "egress", 9200),
        at="talksTo:",
        says="dev: nothing declares that front may reach search (search) on TCP 1-9199, TCP 9201-65535, every UDP "
        f"port, every SCTP port, but it can; {TALKS}",
    ),
    Fault(
        rule="undeclared-edge",
        tamper=with_peers("front", "egress", 9200, namespace("search")),
        at="talksTo:",
        says=f"dev: nothing declares that front may reach every pod of search on TCP 9200, but it can; {TALKS}",
    ),
    Fault(
        rule="undeclared-edge",
        tamper=with_peers("front", "egress", 9200, {"namespaceSelector": {}, **pods(app="search")}),
        at="talksTo:",
        says=f"dev: nothing declares that front may reach search (every namespace) on TCP 9200, but it can; {TALKS}",
    ),
    Fault(
        rule="undeclared-edge",
        tamper=with_rule(
            "front",
            "egress",
            {"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "Exists"}]}},
            ports=tcp(1),
        ),
        at="talksTo:",
        says="dev: nothing declares that front may reach every pod of namespaces with team=* on TCP 1, but it can; "
        f"{TALKS}",
        # Open on one side only.
        fine_tamper=with_rule("front", "egress", {"podSelector": {}}, ports=tcp(1)),
    ),
    Fault(
        rule="undeclared-edge",
        tamper=with_rule("front", "egress", ports=tcp(25)),
        at="talksTo:",
        says=f"dev: nothing declares that front may reach every pod, every address on TCP 25, but it can; {TALKS}",
    ),
    Fault(
        rule="undeclared-edge",
        tamper=with_rule("front", "egress", {"ipBlock": {"cidr": "169.254.169.254/32"}}, ports=tcp(80)),
        at="talksTo:",
        says=f"dev: nothing declares that front may reach 169.254.169.254/32 on TCP 80, but it can; {TALKS}",
        fine_tamper=with_rule("front", "egress", {"ipBlock": {"cidr": "8.8.8.8/32"}}, ports=tcp(443)),
    ),
    Fault(
        rule="undeclared-edge",
        tamper=with_rule("front", "egress", {"ipBlock": {"cidr": "0.0.0.0/0"}}, ports=tcp(443)),
        at="talksTo:",
        says="dev: nothing declares that front may reach 10.0.0.0/32, 10.0.0.2/31, 10.0.0.4/30 and 26 more on TCP 443, "
        f"but it can; {TALKS}",
    ),
    Fault(
        rule="undeclared-edge",
        tamper=all_of(
            with_rule("back", "egress", agent("idle"), ports=tcp(8080)),
            with_rule("idle", "ingress", agent("back"), ports=tcp(8080)),
        ),
        at="back:",
        says=f"dev: nothing declares that back may reach idle on TCP 8080, but it can; {TALKS}",
        fine_tamper=with_rule("idle", "ingress", agent("back"), ports=tcp(8080)),
    ),
    Fault(
        rule="undeclared-edge",
        # Between environments.
        tamper=all_of(
            with_rule("front", "egress", namespace("fleet-prod") | agent("back"), ports=tcp(9000)),
            with_rule("back", "ingress", namespace("fleet-dev"), ports=tcp(9000), environment="prod"),
        ),
        at="talksTo:",
        says=f"dev: nothing declares that front may reach back of prod on TCP 9000, but it can; {TALKS}",
        fine_tamper=with_rule("front", "egress", namespace("fleet-prod") | agent("back"), ports=tcp(9000)),
    ),
    Fault(
        rule="undeclared-edge",
        tamper=with_rule("back", "ingress", namespace("portal") | pods(app="ui"), ports=tcp("http")),
        at="service: {port: 9000}",
        says=f"dev: nothing declares that ui (portal) may reach back on TCP 9000, but it can; {CALLED}",
    ),
    Fault(
        rule="undeclared-edge",
        # What front declares to reach may not therefore reach front.
        tamper=with_rule("front", "ingress", namespace("search") | pods(app="search"), ports=tcp(9200)),
        at="service: {expose",
        says=f"dev: nothing declares that search (search) may reach front on TCP 9200, but it can; {CALLED}",
    ),
    Fault(
        rule="undeclared-edge",
        tamper=with_rule("back", "ingress", {"ipBlock": {"cidr": "192.0.2.0/24"}}, ports=tcp(9000)),
        at="service: {port: 9000}",
        says=f"dev: nothing declares that 192.0.2.0/24 may reach back on TCP 9000, but it can; {CALLED}",
    ),
    Fault(
        rule="undeclared-edge",
        tamper=with_rule("back", "ingress"),
        at="service: {port: 9000}",
        says=f"dev: nothing declares that every pod, every address may reach back on every port, but it can; {CALLED}",
    ),
    # Namespaces and policies themselves.
    Fault(
        rule="namespace-open",
        tamper=without_policy("default-deny"),
        at="dev:",
        says="dev: no policy closes the ingress of every pod of fleet-dev; let a NetworkPolicy with an empty "
        "podSelector have Ingress among its policyTypes",
        fine_tamper=denied_apart,
    ),
    Fault(
        rule="namespace-open",
        tamper=all_of(ingress_only("default-deny"), no_egress_of_all),
        at="dev:",
        says="dev: no policy closes the egress of every pod of fleet-dev; let a NetworkPolicy with an empty "
        "podSelector have Egress among its policyTypes",
        fine_tamper=ingress_only("default-deny"),
    ),
    Fault(
        rule="unread-policy",
        tamper=cilium(ingressDeny=[{}], egress=[{"toFQDNs": [{"matchPattern": "*.example.com"}]}]),
        at="front:",
        says="dev: CiliumNetworkPolicy extra has spec.ingressDeny and spec.egress.toFQDNs.matchPattern, which this "
        "proof cannot judge; say it in a NetworkPolicy",
        fine_tamper=cilium(egress=[]),
    ),
]


# --------------------------------------------------------------------------------------------- ways in, and containment


def changed_spec(kind: str, name: str, **changes: Any) -> Any:
    """Other values in an object's spec."""

    def tamper(world: World) -> None:
        world.the(kind, name)["spec"].update(changes)

    return tamper


def removed(kind: str, name: str) -> Any:
    def tamper(world: World) -> None:
        world.remove(kind, name)

    return tamper


def added(kind: str, name: str, owner: str = "back", api: str = "v1", **spec: Any) -> Any:
    def tamper(world: World) -> None:
        world.add(owner, kind, name, spec=spec, apiVersion=api)

    return tamper


def backend(**changes: Any) -> Any:
    def tamper(world: World) -> None:
        world.the("HTTPRoute", "front")["spec"]["rules"][0]["backendRefs"][0].update(changes)

    return tamper


def route_match(**path: str) -> Any:
    def tamper(world: World) -> None:
        world.the("HTTPRoute", "front")["spec"]["rules"][0]["matches"] = [{"path": path}]

    return tamper


def port_to(target: int | str, port: int = 9000) -> Any:
    return changed_spec("Service", "back", ports=[{"name": "http", "port": port, "targetPort": target}])


def container_port(number: int) -> Any:
    def tamper(world: World) -> None:
        world.pod("Deployment", "back")["containers"][0]["ports"][0]["containerPort"] = number

    return tamper


def pod_with(kind: str, name: str, **changes: Any) -> Any:
    def tamper(world: World) -> None:
        world.pod(kind, name).update(changes)

    return tamper


def container_with(name: str, **changes: Any) -> Any:
    def tamper(world: World) -> None:
        world.pod("Deployment", name)["containers"][0].update(changes)

    return tamper


def context_with(**changes: Any) -> Any:
    """Another security context of back's container; None takes a field out."""

    def tamper(world: World) -> None:
        context = world.pod("Deployment", "back")["containers"][0]["securityContext"]
        context.update(changes)
        for key in [key for key, value in context.items() if value is None]:
            del context[key]

    return tamper


def pod_context_with(**changes: Any) -> Any:
    def tamper(world: World) -> None:
        context = world.pod("Deployment", "back")["securityContext"]
        context.update(changes)
        for key in [key for key, value in context.items() if value is None]:
            del context[key]

    return tamper


def namespace_label(key: str, value: str | None) -> Any:
    def tamper(world: World) -> None:
        labels = world.the("Namespace")["metadata"]["labels"]
        labels[f"pod-security.kubernetes.io/{key}"] = value
        if value is None:
            del labels[f"pod-security.kubernetes.io/{key}"]

    return tamper


def volume(**source: Any) -> Any:
    def tamper(world: World) -> None:
        world.pod("Deployment", "back")["volumes"].append({"name": "more", **source})

    return tamper


BACK, EXPOSED = "service: {port: 9000}", "service: {expose"
BUG = "report a bug"
FRONT_ON = {"app.kubernetes.io/name": "back"}
CLUSTER_IP = "let it be of type ClusterIP, and expose the agent by a route"
PAST = "so that callers come from addresses that no policy knows"


def astray(tamper: Any, says: str, fine: Any = None) -> Fault:
    return Fault(
        rule="service-astray", tamper=tamper, at=BACK, says=f"dev: Service back {says}; {BUG}", fine_tamper=fine
    )


def route_astray(tamper: Any, says: str, fine: Any = None) -> Fault:
    return Fault(
        rule="route-astray", tamper=tamper, at=EXPOSED, says=f"dev: HTTPRoute front {says}; {BUG}", fine_tamper=fine
    )


def loose(tamper: Any, says: str, fine: Any = None) -> Fault:
    message = f"dev: Deployment back has {says}, which Pod Security 'restricted' forbids; {BUG}"
    return Fault(rule="not-restricted", tamper=tamper, at="back:", says=message, fine_tamper=fine)


SERVICE_LABELS = {"app.kubernetes.io/name": "back", "kustodian.dev/runs": "service"}
WAYS_IN = [
    astray(
        port_to("htp"),
        "leads from TCP 9000 to 'htp', which is none of its ports, where TCP 9000 to 9000 is declared",
        port_to("http"),
    ),
    astray(port_to(9001), "leads from TCP 9000 to 9001, where TCP 9000 to 9000 is declared", port_to(9000)),
    astray(port_to("http", 80), "leads from TCP 80 to 9000, where TCP 9000 to 9000 is declared"),
    astray(container_port(9001), "leads from TCP 9000 to 9001, where TCP 9000 to 9000 is declared"),
    astray(changed_spec("Service", "back", ports=[]), "leads from no port, where TCP 9000 to 9000 is declared"),
    astray(
        changed_spec("Service", "back", selector={"app.kubernetes.io/name": "bak"}),
        "does not select the pods of back",
        changed_spec("Service", "back", selector={"app.kubernetes.io/name": "back"}),
    ),
    astray(
        changed_spec("Service", "back", selector={"kustodian.dev/runs": "service"}), "selects those of front and idle"
    ),
    astray(
        changed_spec("Service", "back", sessionAffinity="ClientIP"),
        "has spec.sessionAffinity, which this proof cannot judge",
    ),
    Fault(
        rule="service-astray",
        # A service of all of front's pods would lead to those of its job, too.
        tamper=changed_spec("Service", "front", selector={"app.kubernetes.io/name": "front"}),
        at=EXPOSED,
        says=f"dev: Service front selects those of front/sweep; {BUG}",
    ),
    Fault(
        rule="service-astray",
        tamper=removed("Service", "back"),
        at=BACK,
        says=f"dev: callers of back would go through a Service of its name, which is not there; {BUG}",
    ),
    Fault(
        rule="service-astray",
        tamper=added("Service", "other", selector=SERVICE_LABELS, ports=[{"port": 9000}]),
        at=BACK,
        says=f"dev: nothing declares the Service other; {BUG}",
    ),
    Fault(
        rule="outside-policies",
        tamper=changed_spec("Service", "back", type="NodePort"),
        at=BACK,
        says=f"dev: Service back is of type NodePort, {PAST}; {CLUSTER_IP}",
        fine_tamper=changed_spec("Service", "back", type="ClusterIP"),
    ),
    Fault(
        rule="outside-policies",
        tamper=changed_spec("Service", "back", externalIPs=["192.0.2.1"]),
        at=BACK,
        says=f"dev: Service back has the external addresses 192.0.2.1, {PAST}; {CLUSTER_IP}",
        fine_tamper=changed_spec("Service", "back", externalIPs=[]),
    ),
    route_astray(backend(name="back"), "has the way / to back:8080, where / to front:8080 is declared"),
    route_astray(backend(port=8081), "has the way / to front:8081, where / to front:8080 is declared"),
    route_astray(backend(weight=0), "has the way / to nothing, where / to front:8080 is declared", backend(weight=2)),
    route_astray(
        backend(kind="Bucket", group="x"),
        "has the way / to another kind's front:8080, where / to front:8080 is declared",
    ),
    route_astray(backend(namespace="x"), "has spec.rules.backendRefs.namespace, which this proof cannot judge"),
    route_astray(
        route_match(type="Exact", value="/"),
        "has the way Exact / to front:8080, where / to front:8080 is declared",
        route_match(value="/"),
    ),
    route_astray(
        changed_spec("HTTPRoute", "front", hostnames=["front.example.com"]),
        "has the host front.example.com, where front.dev.example.com is declared",
    ),
    route_astray(
        changed_spec("HTTPRoute", "front", hostnames=[]), "has the host none, where front.dev.example.com is declared"
    ),
    route_astray(
        changed_spec("HTTPRoute", "front", parentRefs=[{"name": "fleet"}]),
        "has the gateway fleet of fleet-dev, where fleet of fleet-system is declared",
        changed_spec("HTTPRoute", "front", parentRefs=[{"name": "fleet", "namespace": "fleet-system"}]),
    ),
    Fault(
        rule="route-astray",
        tamper=removed("HTTPRoute", "front"),
        at=EXPOSED,
        says=f"dev: front is to be exposed, and there is no HTTPRoute of it; {BUG}",
    ),
    Fault(
        rule="route-astray",
        tamper=added("HTTPRoute", "back", api="gateway.networking.k8s.io/v1"),
        at=BACK,
        says=f"dev: nothing declares the HTTPRoute back; {BUG}",
    ),
    Fault(
        rule="route-astray",
        tamper=added("Ingress", "front", "front", api="networking.k8s.io/v1"),
        at=EXPOSED,
        says=f"dev: nothing declares the Ingress front; {BUG}",
    ),
    Fault(
        rule="route-astray",
        tamper=added("TCPRoute", "back", api="gateway.networking.k8s.io/v1alpha2"),
        at=BACK,
        says=f"dev: nothing declares the TCPRoute back; {BUG}",
    ),
]

CONTAINMENT = [
    Fault(
        rule="outside-policies",
        tamper=pod_with("Deployment", "back", hostNetwork=True),
        at="back:",
        says=f"dev: Deployment back has hostNetwork, where no NetworkPolicy applies; {BUG}",
        fine_tamper=pod_with("Deployment", "back", hostNetwork=False),
    ),
    Fault(
        rule="outside-policies",
        tamper=pod_with("CronJob", "front-sweep", hostNetwork=True),
        at="sweep:",
        says=f"dev: CronJob front-sweep has hostNetwork, where no NetworkPolicy applies; {BUG}",
    ),
    Fault(
        rule="outside-policies",
        tamper=container_with("back", ports=[{"name": "http", "containerPort": 9000, "hostPort": 9000}]),
        at="back:",
        says=f"dev: Deployment back has hostPort 9000, where no NetworkPolicy applies; {BUG}",
        fine_tamper=container_with("back", ports=[{"name": "http", "containerPort": 9000}]),
    ),
    loose(pod_with("Deployment", "back", hostPID=True, hostIPC=True), "hostPID and hostIPC"),
    loose(volume(hostPath={"path": "/"}), "a volume of the kind hostPath", volume(emptyDir={})),
    loose(context_with(privileged=True), "privileged", context_with(privileged=False)),
    loose(context_with(allowPrivilegeEscalation=None), "allowPrivilegeEscalation"),
    loose(context_with(capabilities={"drop": ["NET_RAW"]}), "capabilities that are not dropped"),
    loose(
        context_with(capabilities={"drop": ["ALL"], "add": ["SYS_ADMIN"]}),
        "the capabilities SYS_ADMIN",
        context_with(capabilities={"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}),
    ),
    loose(context_with(runAsUser=0), "runAsUser 0", context_with(runAsUser=1)),
    loose(context_with(runAsNonRoot=False), "runAsNonRoot false", context_with(runAsNonRoot=True)),
    loose(pod_context_with(runAsNonRoot=None), "no runAsNonRoot"),
    loose(pod_context_with(seccompProfile=None), "no seccompProfile"),
    loose(
        context_with(seccompProfile={"type": "Unconfined"}),
        "seccompProfile Unconfined",
        context_with(seccompProfile={"type": "Localhost"}),
    ),
    loose(context_with(appArmorProfile={"type": "Unconfined"}), "appArmorProfile Unconfined"),
    loose(context_with(procMount="Unmasked"), "procMount Unmasked", context_with(procMount="Default")),
    loose(
        context_with(seLinuxOptions={"type": "spc_t"}),
        "seLinuxOptions of its own",
        context_with(seLinuxOptions={"type": "container_t"}),
    ),
    loose(
        pod_context_with(sysctls=[{"name": "kernel.msgmax", "value": "1"}]),
        "the sysctl kernel.msgmax",
        pod_context_with(sysctls=[{"name": "net.ipv4.tcp_syncookies", "value": "1"}]),
    ),
    loose(context_with(windowsOptions={"hostProcess": True}), "hostProcess"),
    loose(
        container_with("back", livenessProbe={"httpGet": {"host": "192.0.2.1", "port": 1}}),
        "a probe of the host 192.0.2.1",
        container_with("back", livenessProbe={"httpGet": {"port": 1}}),
    ),
    Fault(
        rule="not-restricted",
        tamper=namespace_label("enforce", None),
        at="dev:",
        says="dev: the namespace fleet-dev has pod-security.kubernetes.io/enforce=, where restricted is meant; " + BUG,
        fine_tamper=namespace_label("warn", None),
    ),
    Fault(
        rule="not-restricted",
        tamper=namespace_label("enforce-version", "v1.25"),
        at="dev:",
        says="dev: the namespace fleet-dev has pod-security.kubernetes.io/enforce-version=v1.25, where v1.33 is "
        f"meant; {BUG}",
    ),
]


def unread_answers(world: World) -> None:
    """Cilium reads what kube-dns says, and not what a cache says in its place."""
    rules = world.the("CiliumNetworkPolicy", "front")["spec"]["egress"]
    (dns,) = (rule for rule in rules if "toEndpoints" in rule)
    cache = dns["toEndpoints"].pop()
    rules.append({"toEndpoints": [cache], "toPorts": [{"ports": dns["toPorts"][0]["ports"]}]})


BY_CILIUM = {"kubernetes:": 'kubernetes: {version: "1.33", platform: eks, networkPolicy: cilium}'}
NAMES = [
    Fault(
        rule="answers-unread",
        lines=BY_CILIUM,
        tamper=unread_answers,
        at="talksTo:",
        says="dev: front is declared to reach api.example.com, but Cilium does not read what node-local-dns "
        "(kube-system) answers it, so that the name would mean no address; let a CiliumNetworkPolicy have rules for "
        "DNS there",
        fine=BY_CILIUM,
    ),
    Fault(
        rule="blocked-edge",
        lines={"# in: back": back_called_by("back", BLOCKED)},
        says="dev: back is declared to reach back on TCP 9000, but the egress of back is closed; "
        "leave it out: these are the agent's own pods",
        fine={"# in: back": back_called_by("idle"), "# in: idle": idle_talks_to("back")},
    ),
]

FAULTY = [*OF_THE_SPEC, *OF_THE_OBJECTS, *WAYS_IN, *CONTAINMENT, *NAMES]
