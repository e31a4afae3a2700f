"""Holds containers, pods and volumes against the LimitRanges of their namespace, and each LimitRange against itself.

Sources: kubernetes/plugin/pkg/admission/limitranger (what is refused), ValidateLimitRange (which LimitRange is).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from generator.compiled import Compiled
from generator.proofs import edits, pods
from generator.proofs.edits import Edit, at_least, at_most, shown
from generator.proofs.evidence import Manifest
from generator.proofs.findings import Breach
from generator.proofs.places import Path, of_agent, of_environment
from generator.proofs.pods import Amounts, Workload

# The spec's name for the edge that a LimitRange sets; it knows no other.
_IN_SPEC = "max"


OTHERWISE = "change one of the two"


@dataclass(frozen=True, order=True)
class _Excess:
    """One number on the wrong side of an edge."""

    side: str  # requests, limits
    resource: str
    value: Fraction
    edge: str  # max, min, maxLimitRequestRatio, limits
    bound: Fraction


def breaches(compiled: Compiled, workloads: tuple[Workload, ...]) -> Iterator[Breach]:
    """What the LimitRanges of the namespace refuse; containers of an agent that are alike are told as one."""
    for of_type in ("Container", "Pod"):
        for _, item in pods.limits(compiled, of_type):
            yield from _of_pods(item, workloads, compiled.environment)
    for _, item in pods.limits(compiled, "PersistentVolumeClaim"):
        yield from _of_claims(item, compiled)
    yield from _contradictions(compiled)


def _contradictions(compiled: Compiled) -> Iterator[Breach]:
    """LimitRanges that contradict themselves, which the API server refuses whole."""
    for name, item in pods.limits(compiled, "Container"):
        default, request = (pods.amounts(part) for part in pods.container_defaults(item))
        edges = pods.amounts(item.get("max", {}))
        for what, given, below in (("default", default, [edges]), ("defaultRequest", request, [default, edges])):
            for resource, amount in given.items():
                most = min((edge[resource] for edge in below if resource in edge), default=amount)
                if amount > most:
                    paths = tuple(
                        of_environment(compiled.environment, "containerLimits", key, resource)
                        for key in (what, "default", "max")
                    )
                    value, _ = at_most(resource, most)
                    lower = edits.one(paths[0], value, amount - most)
                    message = (
                        f"LimitRange {name} has a {what} of {shown(resource, amount)} of {resource}, "
                        f"which is more than {shown(resource, most)}, the most that it allows"
                    )
                    yield _breach("limit-range-invalid", paths, message, (lower,))


# ----------------------------------------------------------------------------------------------------------------- pods


def _of_pods(item: Manifest, workloads: tuple[Workload, ...], environment: str) -> Iterator[Breach]:
    found: dict[tuple[str, _Excess], list[Workload]] = {}
    for workload in workloads:
        for requests, limits in _subjects(item["type"], workload):
            for excess in _excesses(item, requests, limits):
                alike = found.setdefault((workload.owner, excess), [])
                if workload not in alike:
                    alike.append(workload)
    for (owner, excess), alike in found.items():
        what = item["type"].lower()
        message = f"a {what} of {owner} {_words(excess)}"
        paths = resource_paths(alike, environment, excess.side, excess.resource)
        choices = _edits(item, excess, alike, environment)
        yield _breach("limit-range", paths, message, choices)


def _subjects(of_type: str, workload: Workload) -> Iterator[tuple[Amounts, Amounts]]:
    if of_type == "Container":
        yield from ((container.requests, container.limits) for container in workload.containers)
        return
    yield _side(workload.takes, "requests"), _side(workload.takes, "limits")


def _side(takes: Amounts, side: str) -> Amounts:
    return {key.removeprefix(f"{side}."): amount for key, amount in takes.items() if key.startswith(f"{side}.")}


def _excesses(item: Manifest, requests: Amounts, limits: Amounts) -> Iterator[_Excess]:
    yield from _above(item, requests, limits)
    yield from _below(item, requests, limits)
    for resource, ratio in pods.amounts(item.get("maxLimitRequestRatio", {})).items():
        limit, request = limits.get(resource, Fraction(0)), requests.get(resource, Fraction(0))
        if not limit or not request or limit / request > ratio:
            yield _Excess("requests", resource, request, "maxLimitRequestRatio", limit / ratio)
    for resource, request in requests.items():
        # A request that is given may be more than the default limit that is not.
        if request > limits.get(resource, request):
            yield _Excess("requests", resource, request, "limits", limits[resource])


def _above(item: Manifest, requests: Amounts, limits: Amounts) -> Iterator[_Excess]:
    for resource, most in pods.amounts(item.get("max", {})).items():
        for side, values in (("limits", limits), ("requests", requests)):
            if values.get(resource, most) > most:
                yield _Excess(side, resource, values[resource], "max", most)
                break  # whoever lowers the limit lowers the request with it


def _below(item: Manifest, requests: Amounts, limits: Amounts) -> Iterator[_Excess]:
    for resource, least in pods.amounts(item.get("min", {})).items():
        # Of a request that is not set nothing is reserved, so it is too low; a limit that is not set is high enough.
        for side, value in (("requests", requests.get(resource, Fraction(0))), ("limits", limits.get(resource, least))):
            if value < least:
                yield _Excess(side, resource, value, "min", least)
                break


def _words(excess: _Excess) -> str:
    has = f"has {excess.side} of {shown(excess.resource, excess.value)} of {excess.resource}"
    bound = shown(excess.resource, excess.bound)
    match excess.edge:
        case "max":
            return f"{has}, but its LimitRange allows {bound}"
        case "min":
            return f"{has}, but its LimitRange demands {bound}"
        case "limits":
            return f"{has}, but its limit is {bound}"
        case _:
            return f"{has}, but the ratio that its LimitRange allows demands {bound}"


def _edits(item: Manifest, excess: _Excess, alike: list[Workload], environment: str) -> tuple[Edit, ...]:
    moves = abs(excess.value - excess.bound)
    choices = []
    down = excess.edge in ("max", "limits")
    value = (
        at_most(excess.resource, excess.bound)[0] if down else at_least(excess.resource, excess.bound, Fraction(0))[0]
    )
    paths = [own_path(workload, environment, excess.side, excess.resource) for workload in alike]
    amount = pods.amounts({"": value})[""]
    if amount and all(_mended(item, excess, workload, amount) for workload in alike):
        choices.append(Edit(settings=tuple((path, value) for path in paths), moves=moves))
    if item["type"] == "Container" and excess.edge == _IN_SPEC:
        path = of_environment(environment, "containerLimits", "max", excess.resource)
        raised, more = at_least(excess.resource, excess.value, excess.bound)
        choices.append(edits.one(path, raised, more - excess.bound))
    return edits.smallest_first(choices)


def _mended(item: Manifest, excess: _Excess, workload: Workload, amount: Fraction) -> bool:
    """Whether nothing is wrong any more with this resource once `amount` is set."""
    for requests, limits in _subjects(item["type"], workload):
        sides = {"requests": dict(requests), "limits": dict(limits)}
        if sides[excess.side].get(excess.resource, Fraction(0)) == excess.value:
            sides[excess.side][excess.resource] = amount
        if any(left.resource == excess.resource for left in _excesses(item, **sides)):
            return False
    return True


# -------------------------------------------------------------------------------------------------------------- volumes


def _of_claims(item: Manifest, compiled: Compiled) -> Iterator[Breach]:
    environment = compiled.environment
    most, least = (pods.amounts(item.get(edge, {})).get("storage") for edge in ("max", "min"))
    for owner, claim in compiled.of_kind("PersistentVolumeClaim"):
        volume = claim["metadata"]["name"].removeprefix(f"{owner}-")
        size = pods.amounts(claim["spec"]["resources"]["requests"])["storage"]
        own = of_agent(owner, environment, "volumes", volume, "size")
        says = f"the volume {volume} of {owner} has {shown('storage', size)}, but its LimitRange"
        if most is not None and size > most:
            value, amount = at_least("storage", size, most)
            raised = edits.one(of_environment(environment, "containerLimits", "maxVolume"), value, amount - most)
            message = f"{says} allows {shown('storage', most)}"
            yield _breach("limit-range", (own,), message, (raised,))
        if least is not None and size < least:
            grown, _ = at_least("storage", least, least)
            larger = edits.one(own, grown, least - size)
            message = f"{says} demands {shown('storage', least)}"
            yield _breach("limit-range", (own,), message, (larger,))


# ----------------------------------------------------------------------------------------------------- places in a spec


def _breach(rule: str, paths: tuple[Path, ...], message: str, choices: tuple[Edit, ...]) -> Breach:
    return Breach(rule=rule, paths=paths, message=message, hint=edits.hint(choices, OTHERWISE), edits=choices)


def own_path(workload: Workload, environment: str, *path: str) -> Path:
    """Where the resources of these pods can be set for one environment, over every other layer and unscaled."""
    job = ("jobs", workload.part) if workload.part else ()
    return of_agent(workload.owner, environment, *job, "resources", *path)


def resource_paths(alike: list[Workload], environment: str, *path: str) -> tuple[Path, ...]:
    """Where the resources of pods that are alike may have been set: of a job by itself, if all are jobs."""
    owner, jobs = alike[0].owner, [workload.part for workload in alike]
    agents = of_agent(owner, environment, "resources", *path)
    return (agents,) if "" in jobs else (of_agent(owner, environment, "jobs", jobs[0], "resources", *path), agents)
