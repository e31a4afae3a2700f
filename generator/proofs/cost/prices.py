"""What one object costs: what it requests, times the prices."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from fractions import Fraction
from math import ceil

from generator.model import Pricing
from generator.proofs.evidence import Manifest
from generator.proofs.pods import Workload
from generator.quantities import amount

GIB = 2**30

_NOTHING = Fraction()


@dataclass(frozen=True, kw_only=True)
class Cost:
    """USD a month, exact. `reserved`, `expected` and `ceiling` each hold all of it that there is at the time."""

    reserved: Fraction = _NOTHING  # at the fewest replicas, while no job runs
    expected: Fraction = _NOTHING  # the same, and jobs for the time that they are expected to take
    ceiling: Fraction = _NOTHING  # at the most replicas, while every job runs
    volumes: Fraction = _NOTHING  # a part of all three
    load_balancers: Fraction = _NOTHING  # a part of all three
    gpus: Fraction = _NOTHING  # a part of the ceiling
    ai: Fraction = _NOTHING  # the budget for model providers; a part of `total` alone

    @property
    def total(self) -> Fraction:
        """The ceiling and the AI budget: what it may come to at most."""
        return self.ceiling + self.ai


def total(costs: Iterable[Cost]) -> Cost:
    listed = list(costs)
    sums = {field.name: sum(filter(None, (getattr(cost, field.name) for cost in listed))) for field in fields(Cost)}
    return Cost(**{name: Fraction(value) for name, value in sums.items()})


def of_workload(workload: Workload, pricing: Pricing, busy: Fraction) -> Cost:
    """Pods; those of its jobs run for the part `busy` of the time."""
    takes = workload.takes
    gpu = takes.get("requests.nvidia.com/gpu", 0) * pricing.gpu
    cpu = takes.get("requests.cpu", 0) * pricing.cpu
    pod = cpu + takes.get("requests.memory", 0) * pricing.memory_gi / GIB + gpu
    most = workload.replicas + workload.runs
    reserved = workload.fewest * pod
    return Cost(reserved=reserved, expected=reserved + busy * workload.runs * pod, ceiling=most * pod, gpus=most * gpu)


def of_volume(claim: Manifest, pricing: Pricing) -> Cost:
    shared = "ReadWriteMany" in claim["spec"]["accessModes"]
    price = pricing.shared_storage_gi if shared else pricing.storage_gi
    cost = amount(claim["spec"]["resources"]["requests"]["storage"]) / GIB * price
    return Cost(reserved=cost, expected=cost, ceiling=cost, volumes=cost)


def of_service(service: Manifest, pricing: Pricing) -> Cost:
    """A load balancer, if it is one."""
    cost = pricing.load_balancer if service["spec"].get("type") == "LoadBalancer" else _NOTHING
    return Cost(reserved=cost, expected=cost, ceiling=cost, load_balancers=cost)


def cents(cost: Fraction | int) -> int:
    """Whole cents, rounded up: what is over a budget by less is still seen to be over it."""
    return ceil(cost * 100)


def usd(cost: Fraction | int) -> str:
    """
    >>> usd(50), usd(Fraction("1250.001"))
    ('$50', '$1,250.01')
    """
    dollars, rest = divmod(cents(cost), 100)
    return f"${dollars:,}.{rest:02}" if rest else f"${dollars:,}"
