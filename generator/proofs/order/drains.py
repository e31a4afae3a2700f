"""Whether a node can be drained: a PodDisruptionBudget that lets no pod go holds the drain up for ever."""

from collections.abc import Iterator

from generator.compiled import Compiled
from generator.proofs.evidence import Manifest
from generator.proofs.findings import Breach
from generator.proofs.order.nowhere import selectable_pods
from generator.proofs.places import of_agent
from generator.proofs.pods import workloads


def breaches(compiled: Compiled) -> Iterator[Breach]:
    """Judged at the fewest replicas; pods of jobs are not counted, since no budget waits for those."""
    budgets = list(compiled.of_kind("PodDisruptionBudget"))
    if not budgets:
        return
    replicas = {f"{one.kind} {one.name}": one.fewest for one in workloads(compiled) if one.kind == "Deployment"}
    pods = selectable_pods(compiled)
    for owner, manifest in budgets:
        spec = manifest["spec"]
        guarded = [one.name for one in pods.selected(spec.get("selector", {})) if one.name in replicas]
        fewest = sum(replicas[name] for name in guarded)
        if fewest and _allowed(spec, fewest) <= 0:
            message = (
                f"PodDisruptionBudget {manifest['metadata']['name']} lets none of {fewest} pods go, so that a drain "
            )
            message += "of their nodes never ends"
            hint = "let one be unavailable, or keep one replica more"
            paths = (of_agent(owner, compiled.environment, "service", "replicas"),)
            yield Breach(rule="drain-stuck", paths=paths, message=message, hint=hint)


def _allowed(spec: Manifest, pods: int) -> int:
    """How many pods may be evicted while all are well; percentages are rounded up, as Kubernetes does."""
    if "maxUnavailable" in spec:
        return _of(spec["maxUnavailable"], pods)
    return pods - _of(spec.get("minAvailable", 1), pods)


def _of(count: int | str, pods: int) -> int:
    return count if isinstance(count, int) else -(-pods * int(count.removesuffix("%")) // 100)
