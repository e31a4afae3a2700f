"""Holds containers, pods and volumes against the LimitRanges of their namespace, and each LimitRange against itself.

Sources: kubernetes/plugin/pkg/admission/limitranger (what is refused), ValidateLimitRange (which LimitRange is).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from generator.compiled import Compiled
from generator.proofs import edits, pods
from generator.proofs.edits import Edit, Misfit, at_least, at_most, shown
from generator.proofs.evidence import Manifest
from generator.proofs.finding import Finding, Path, of_agent
from generator.proofs.pods import Amounts, Workload

# The spec's name for the edge that a LimitRange sets; it knows no other.
_IN_SPEC = "max"


OTHERWISE = "change one of the two"


@dataclass(frozen=True, order=True)
class _Breach:
    """One number on the wrong side of an edge."""

    side: str  # requests, limits
    resource: str
    value: Fraction
    edge: str  # max, min, maxLimitRequestRatio, limits
    bound: Fraction


def misfits(compiled: Compiled, workloads: tuple[Workload, ...]) -> Iterator[Misfit]:
    """What the LimitRanges of the namespace refuse; containers of an agent that are alike are told as one."""
    for of_type in ("Container", "Pod"):
        for _, item in pods.limits(compiled, of_type):
            yield from _of_pods(item, workloads, compiled.environment)
    for _, item in pods.limits(compiled, "PersistentVolumeClaim"):
        yield from _of_claims(item, compiled)


def broken_ranges(compiled: Compiled) -> Iterator[Misfit]:
    """LimitRanges that contradict themselves, which the API server refuses whole."""
    environment = compiled.environment
    for name, item in pods.limits(compiled, "Container"):
        default, request = (pods.amounts(part) for part in pods.container_defaults(item))
        edges = pods.amounts(item.get("max", {}))
        for what, given, below in (("default", default, [edges]), ("defaultRequest", request, [default, edges])):
            for resource, amount in given.items():
                most = min((edge[resource] for edge in below if resource in edge), default=amount)
                if amount > most:
                    paths = tuple(
                        (*layer, "containerLimits", key, resource)
                        for key in (what, "default", "max")
                        for layer in (("environments", environment), ("defaults",))
                    )
                    value, _ = at_most(resource, most)
                    lower = edits.one(paths[0], value, amount - most)
                    message = (
                        f"{environment}: LimitRange {name} has a {what} of {shown(resource, amount)} of {resource}, "
                        f"which is more than {shown(resource, most)}, the most that it allows"
                    )
                    yield Misfit(
                        Finding("limit-range-invalid", paths, message, edits.hint([lower], OTHERWISE)), (lower,)
                    )


# ----------------------------------------------------------------------------------------------------------------- pods


def _of_pods(item: Manifest, workloads: tuple[Workload, ...], environment: str) -> Iterator[Misfit]:
    found: dict[tuple[str, _Breach], list[Workload]] = {}
    for workload in workloads:
        for requests, limits in _subjects(item["type"], workload):
            for breach in _breaches(item, requests, limits):
                alike = found.setdefault((workload.owner, breach), [])
                if workload not in alike:
                    alike.append(workload)
    for (owner, breach), alike in found.items():
        what = item["type"].lower()
        message = f"{environment}: a {what} of {owner} {_words(breach)}"
        paths = resource_paths(alike, environment, breach.side, breach.resource)
        choices = _edits(item, breach, alike, environment)
        yield Misfit(Finding("limit-range", paths, message, edits.hint(choices, OTHERWISE)), choices)


def _subjects(of_type: str, workload: Workload) -> Iterator[tuple[Amounts, Amounts]]:
    if of_type == "Container":
        yield from ((container.requests, container.limits) for container in workload.containers)
        return
    yield _side(workload.takes, "requests"), _side(workload.takes, "limits")


def _side(takes: Amounts, side: str) -> Amounts:
    return {key.removeprefix(f"{side}."): amount for key, amount in takes.items() if key.startswith(f"{side}.")}


def _breaches(item: Manifest, requests: Amounts, limits: Amounts) -> Iterator[_Breach]:
    yield from _above(item, requests, limits)
    yield from _below(item, requests, limits)
    for resource, ratio in pods.amounts(item.get("maxLimitRequestRatio", {})).items():
        limit, request = limits.get(resource, Fraction(0)), requests.get(resource, Fraction(0))
        if not limit or not request or limit / request > ratio:
            yield _Breach("requests", resource, request, "maxLimitRequestRatio", limit / ratio)
    for resource, request in requests.items():
        # A request that is given may be more than the default limit that is not.
        if request > limits.get(resource, request):
            yield _Breach("requests", resource, request, "limits", limits[resource])


def _above(item: Manifest, requests: Amounts, limits: Amounts) -> Iterator[_Breach]:
    for resource, most in pods.amounts(item.get("max", {})).items():
        for side, values in (("limits", limits), ("requests", requests)):
            if values.get(resource, most) > most:
                yield _Breach(side, resource, values[resource], "max", most)
                break  # whoever lowers the limit lowers the request with it


def _below(item: Manifest, requests: Amounts, limits: Amounts) -> Iterator[_Breach]:
    for resource, least in pods.amounts(item.get("min", {})).items():
        # Of a request that is not set nothing is reserved, so it is too low; a limit that is not set is high enough.
        for side, value in (("requests", requests.get(resource, Fraction(0))), ("limits", limits.get(resource, least))):
            if value < least:
                yield _Breach(side, resource, value, "min", least)
                break


def _words(breach: _Breach) -> str:
    has = f"has {breach.side} of {shown(breach.resource, breach.value)} of {breach.resource}"
    bound = shown(breach.resource, breach.bound)
    match breach.edge:
        case "max":
            return f"{has}, but its LimitRange allows {bound}"
        case "min":
            return f"{has}, but its LimitRange demands {bound}"
        case "limits":
            return f"{has}, but its limit is {bound}"
        case _:
            return f"{has}, but the ratio that its LimitRange allows demands {bound}"


def _edits(item: Manifest, breach: _Breach, alike: list[Workload], environment: str) -> tuple[Edit, ...]:
    moves = abs(breach.value - breach.bound)
    choices = []
    down = breach.edge in ("max", "limits")
    value = (
        at_most(breach.resource, breach.bound)[0] if down else at_least(breach.resource, breach.bound, Fraction(0))[0]
    )
    paths = [own_path(workload, environment, breach.side, breach.resource) for workload in alike]
    if all(_mended(item, breach, workload, pods.amounts({"": value})[""]) for workload in alike):
        choices.append(Edit(settings=tuple((path, value) for path in paths), moves=moves))
    if item["type"] == "Container" and breach.edge == _IN_SPEC:
        path: Path = ("environments", environment, "containerLimits", "max", breach.resource)
        raised, amount = at_least(breach.resource, breach.value, breach.bound)
        choices.append(edits.one(path, raised, amount - breach.bound))
    return edits.smallest_first(choices)


def _mended(item: Manifest, breach: _Breach, workload: Workload, amount: Fraction) -> bool:
    """Whether nothing is wrong any more with this resource once `amount` is set."""
    for requests, limits in _subjects(item["type"], workload):
        sides = {"requests": dict(requests), "limits": dict(limits)}
        if sides[breach.side].get(breach.resource, Fraction(0)) == breach.value:
            sides[breach.side][breach.resource] = amount
        if any(left.resource == breach.resource for left in _breaches(item, **sides)):
            return False
    return True


# -------------------------------------------------------------------------------------------------------------- volumes


def _of_claims(item: Manifest, compiled: Compiled) -> Iterator[Misfit]:
    environment = compiled.environment
    most, least = (pods.amounts(item.get(edge, {})).get("storage") for edge in ("max", "min"))
    for owner, claim in compiled.of_kind("PersistentVolumeClaim"):
        volume = claim["metadata"]["name"].removeprefix(f"{owner}-")
        size = pods.amounts(claim["spec"]["resources"]["requests"])["storage"]
        paths = of_agent(owner, environment, "volumes", volume, "size")
        says = f"{environment}: the volume {volume} of {owner} has {shown('storage', size)}, but its LimitRange"
        if most is not None and size > most:
            value, amount = at_least("storage", size, most)
            raised = edits.one(("environments", environment, "containerLimits", "maxVolume"), value, amount - most)
            message = f"{says} allows {shown('storage', most)}"
            yield Misfit(Finding("limit-range", paths, message, edits.hint([raised], OTHERWISE)), (raised,))
        if least is not None and size < least:
            grown, _ = at_least("storage", least, least)
            larger = edits.one(("agents", owner, "environments", environment, *paths[0][4:]), grown, least - size)
            message = f"{says} demands {shown('storage', least)}"
            yield Misfit(Finding("limit-range", paths, message, edits.hint([larger], OTHERWISE)), (larger,))


# ----------------------------------------------------------------------------------------------------- places in a spec


def own_path(workload: Workload, environment: str, *path: str) -> Path:
    """Where the resources of these pods can be set for one environment, over every other layer and unscaled."""
    job = ("jobs", workload.part) if workload.part else ()
    return ("agents", workload.owner, "environments", environment, *job, "resources", *path)


def resource_paths(alike: list[Workload], environment: str, *path: str) -> tuple[Path, ...]:
    """Where the resources of pods that are alike may have been set: of a job by itself, if all are jobs."""
    owner, jobs = alike[0].owner, [workload.part for workload in alike]
    if "" in jobs:
        return of_agent(owner, environment, "resources", *path)
    # First the four layers that may say it of the job, or of all jobs.
    its = of_agent(owner, environment, "jobs", jobs[0], "resources", *path)[:4]
    all_jobs = of_agent(owner, environment, "job", "resources", *path)[:4]
    return (*its, *all_jobs, *of_agent(owner, environment, "resources", *path))
