"""Holds each HTTPRoute and Ingress against what the spec declares under `expose`: whom it lets in, how, and to where.

Read are the fields that the builder writes; every other one is named as unread, and so is every other kind of route.

Sources: https://gateway-api.sigs.k8s.io/reference/spec/ and kubernetes/api/networking/v1/types.go (defaults)
"""

from collections.abc import Iterator, Mapping

from generator.compiled import Compiled
from generator.model import Environment, Route, Routing
from generator.proofs.evidence import Manifest
from generator.proofs.findings import Breach, joined
from generator.proofs.network.unread import unread
from generator.proofs.places import of_agent, of_environment

_KINDS = {Routing.GATEWAY: "HTTPRoute", Routing.INGRESS: "Ingress"}
_GATEWAY_API = "gateway.networking.k8s.io"
_READ = {
    "HTTPRoute": {
        "parentRefs": {"group": True, "kind": True, "name": True, "namespace": True},
        "hostnames": True,
        "rules": {
            "matches": {"path": {"type": True, "value": True}},
            "timeouts": {"request": True},
            "backendRefs": {"group": True, "kind": True, "name": True, "port": True, "weight": True},
        },
    },
    "Ingress": {
        "ingressClassName": True,
        "tls": {"hosts": True, "secretName": True},
        "rules": {
            "host": True,
            "http": {"paths": {"path": True, "pathType": True, "backend": {"service": {"name": True, "port": True}}}},
        },
    },
}

Facts = Mapping[str, tuple[str, ...]]  # what a route says, under the words for it


def breaches(compiled: Compiled, environment: Environment) -> Iterator[Breach]:
    """What the routes of a namespace do that nothing declares, and fail to do."""
    routes = {agent.name: agent.service.route for agent in environment.agents if agent.service and agent.service.route}
    ports = {agent.name: agent.service.port for agent in environment.agents if agent.service}
    names = _named_ports(compiled)
    found = set()
    for owner, manifest in _every(compiled):
        kind, name = manifest["kind"], manifest["metadata"]["name"]
        route = routes.get(owner)
        if not route or kind != _KINDS[route.routing] or owner in found:
            known = owner in ports
            path = of_agent(owner, compiled.environment, "service") if known else of_environment(compiled.environment)
            yield _breach(path, f"nothing declares the {kind} {name}")
            continue
        found.add(owner)
        facts = _of_route(manifest) if kind == "HTTPRoute" else _of_ingress(manifest, names)
        wrong = list(_differences(facts, _declared(route, owner, ports[owner])))
        strange = tuple(dict.fromkeys(unread(manifest["spec"], _READ[kind], "spec")))
        if strange:
            wrong.append(f"has {joined(strange)}, which this proof cannot judge")
        if wrong:
            path = of_agent(owner, compiled.environment, "service", "expose")
            yield _breach(path, f"{kind} {name} {joined(wrong)}")
    for name, route in routes.items():
        if name not in found:
            path = of_agent(name, compiled.environment, "service", "expose")
            yield _breach(path, f"{name} is to be exposed, and there is no {_KINDS[route.routing]} of it")


def _breach(path: tuple[str | int, ...], message: str) -> Breach:
    return Breach(rule="route-astray", paths=(path,), message=message, hint="report a bug")


def _every(compiled: Compiled) -> Iterator[tuple[str, Manifest]]:
    for owner, manifests in compiled.objects.items():
        for manifest in manifests:
            group = manifest["apiVersion"].partition("/")[0]
            if manifest["kind"] == "Ingress" or group == _GATEWAY_API:
                yield owner, manifest


def _differences(facts: Facts, declared: Facts) -> Iterator[str]:
    for what, wanted in declared.items():
        if set(facts[what]) != set(wanted):
            said, meant = (joined(list(dict.fromkeys(these))) or "none" for these in (facts[what], wanted))
            yield f"has the {what} {said}, where {meant} is declared"


# -------------------------------------------------------------------------------------------------- what is declared


def _declared(route: Route, agent: str, port: int) -> Facts:
    hosts = (route.host,) if route.host else ()
    facts = {"host": hosts, "way": (f"{route.path} to {agent}:{port}",)}
    if route.routing is Routing.INGRESS:
        return facts | {"class": (str(route.class_name),), "certificate for": hosts}
    return facts | {"gateway": (f"{route.gateway} of {route.gateway_namespace}",), "timeout": (f"{route.timeout}s",)}


# ----------------------------------------------------------------------------------------------------- what is written


def _of_route(manifest: Manifest) -> Facts:
    spec, namespace = manifest["spec"], manifest["metadata"]["namespace"]
    rules = spec.get("rules", [{}])
    return {
        "host": tuple(spec.get("hostnames", ())),
        "gateway": tuple(_parent(parent, namespace) for parent in spec.get("parentRefs", ())),
        "timeout": tuple(rule.get("timeouts", {}).get("request", "none") for rule in rules),
        "way": tuple(
            f"{_match(match)} to {_backend(backend)}"
            for rule in rules
            for match in rule.get("matches", [{}])
            for backend in rule.get("backendRefs", [{}])
        ),
    }


def _parent(parent: Manifest, namespace: str) -> str:
    other = (
        ""
        if (parent.get("group", _GATEWAY_API), parent.get("kind", "Gateway")) == (_GATEWAY_API, "Gateway")
        else (f"{parent.get('kind')} ")
    )
    return f"{other}{parent['name']} of {parent.get('namespace', namespace)}"


def _match(match: Manifest) -> str:
    path = match.get("path", {})
    kind, value = path.get("type", "PathPrefix"), path.get("value", "/")
    return value if kind == "PathPrefix" else f"{kind} {value}"


def _backend(backend: Manifest) -> str:
    if not backend or backend.get("weight", 1) == 0:
        return "nothing"
    other = "" if (backend.get("group", ""), backend.get("kind", "Service")) == ("", "Service") else "another kind's "
    return f"{other}{backend['name']}:{backend.get('port', 'no port')}"


def _of_ingress(manifest: Manifest, names: Mapping[tuple[str, str], int]) -> Facts:
    spec = manifest["spec"]
    ways = []
    for rule in spec.get("rules", ()):
        for path in rule.get("http", {}).get("paths", ()):
            service = path["backend"].get("service", {"name": "nothing", "port": {}})
            port = service["port"].get("number") or names.get(
                (service["name"], service["port"].get("name", "")), "no port"
            )
            prefix = "" if path["pathType"] == "Prefix" else f"{path['pathType']} "
            ways.append(f"{prefix}{path.get('path', '/')} to {service['name']}:{port}")
    return {
        "host": tuple(rule["host"] for rule in spec.get("rules", ()) if "host" in rule),
        "way": tuple(ways),
        "class": (str(spec.get("ingressClassName")),),
        "certificate for": tuple(host for tls in spec.get("tls", ()) for host in tls.get("hosts", ())),
    }


def _named_ports(compiled: Compiled) -> Mapping[tuple[str, str], int]:
    return {
        (service["metadata"]["name"], port["name"]): port["port"]
        for _, service in compiled.of_kind("Service")
        for port in service["spec"].get("ports", ())
        if "name" in port
    }
