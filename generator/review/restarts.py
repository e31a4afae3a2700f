"""Which pods an object's change replaces or stops, and when a change takes effect where it replaces none.

Sources: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#updating-a-deployment,
https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#update-strategies,
https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#modifying-a-cronjob
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from generator import mergekeys
from generator.review.fields import FieldChange
from generator.review.objects import Manifest, ObjectKey, at, group_of
from generator.review.renames import strings

_ROLLED = {("apps", kind) for kind in ("DaemonSet", "Deployment", "StatefulSet")}
_RUN = {*_ROLLED, ("", "Pod"), ("apps", "ReplicaSet"), ("batch", "CronJob"), ("batch", "Job")}
_SHOWN = 3


def stops(manifest: Manifest) -> str | None:
    """What happens to the pods of an object that is deleted."""
    kind = (group_of(manifest), str(manifest.get("kind")))
    if kind == ("batch", "CronJob"):
        return "it runs no more; what runs is stopped"
    return "its pods stop" if kind in _RUN else None


def runs(manifest: Manifest) -> bool:
    """Whether an object has pods."""
    return (group_of(manifest), str(manifest.get("kind"))) in _RUN


def restarts(after: Manifest, fields: Sequence[FieldChange], contents: Sequence[str]) -> Iterator[str]:
    """Why the pods of a changed workload are replaced or stop; `contents` are what it reads that has other content."""
    kind = (group_of(after), str(after.get("kind")))
    if kind == ("", "Pod"):
        images = [field for field in fields if field.keys[-1:] == ("image",)]
        if images:
            yield f"its containers are restarted: {_listed(_paths(images, ('spec',)))}"
    if kind in _ROLLED and not _on_delete(after):
        changed = [*_paths(fields, mergekeys.POD_TEMPLATES[kind]), *contents]
        if changed:
            at_once = ", all at once" if at(after, "spec", "strategy", "type") == "Recreate" else ""
            yield f"its pods are replaced{at_once}: {_listed(changed)}"
    if kind in _ROLLED:
        yield from ("it is scaled to 0: its pods stop" for field in fields if _replicas(field) and field.after == 0)


def calmly(after: Manifest, fields: Sequence[FieldChange], contents: Sequence[str]) -> Iterator[str]:
    """When a change that replaces no pod takes effect."""
    kind = (group_of(after), str(after.get("kind")))
    if kind == ("batch", "CronJob"):
        yield "takes effect at the next run"
    elif kind == ("", "LimitRange"):
        yield "holds for pods made from now on"
    elif kind in (("", "ConfigMap"), ("", "Secret")) and any(_is_content(field) for field in fields):
        yield "running pods keep the environment that they started with; mounted files follow"
    elif kind in _ROLLED:
        if _on_delete(after) and [*_paths(fields, mergekeys.POD_TEMPLATES[kind]), *contents]:
            yield "takes effect when somebody deletes its pods (OnDelete)"
        for field in fields:
            if _replicas(field) and field.after != 0:
                yield f"is scaled from {_number(field.before)} to {_number(field.after)}"


def referred(manifest: Manifest, objects: Mapping[str, ObjectKey]) -> Iterator[str]:
    """Which of these objects the pod template of another refers to by name, in words."""
    template = mergekeys.POD_TEMPLATES.get((group_of(manifest), str(manifest.get("kind"))))
    if objects and template:
        names = {text for text in strings(at(manifest, *template)) if text in objects}
        yield from sorted(f"{objects[name].kind} {objects[name].stem} changed" for name in names)


def _on_delete(manifest: Manifest) -> bool:
    return bool(at(manifest, "spec", "updateStrategy", "type") == "OnDelete")


def _replicas(field: FieldChange) -> bool:
    return field.keys == ("spec", "replicas")


def _number(value: Any) -> Any:
    return value if isinstance(value, int) else "what it is"


def _is_content(field: FieldChange) -> bool:
    return field.keys[:1] in (("binaryData",), ("data",), ("stringData",))


def _paths(fields: Iterable[FieldChange], top: tuple[str, ...]) -> list[str]:
    """The changed fields below a path, shown from there on."""
    return [
        field.path.removeprefix(".".join(top)).removeprefix(".spec").removeprefix(".") or "the template"
        for field in fields
        if field.keys[: len(top)] == top
    ]


def _listed(words: Sequence[str]) -> str:
    rest = len(words) - _SHOWN
    return ", ".join(words[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
