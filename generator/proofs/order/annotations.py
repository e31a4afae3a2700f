"""What annotations tell Argo CD about each object: that it is applied, how, and what it takes to remove it.

Nothing in the spec asks for more than a wave, so whatever else changes how an object is applied is found.

Sources: gitops-engine/pkg/sync/hook/hook.go (a hook of no known type is in no phase, and never applied) and
https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/
"""

from collections.abc import Iterable, Iterator

from generator.proofs.evidence import Manifest
from generator.proofs.findings import Breach
from generator.proofs.order.needs import HOOK, WAVE, WHOLE_NUMBER
from generator.proofs.places import Path
from generator.proofs.wording import things

OPTIONS = "argocd.argoproj.io/sync-options"
_DELETE_POLICY = "argocd.argoproj.io/hook-delete-policy"  # of a hook, whose phases are judged
_OURS = ("argocd.argoproj.io", "helm.sh")  # Argo CD takes Helm's hooks for its own

_APPLIED = {"PreSync", "Sync", "PostSync"}
# What cannot be had back: Argo CD removes it when a person confirms.
_KEPT = ("Namespace", "PersistentVolumeClaim")
_CONFIRMED = {"Prune=confirm", "Delete=confirm"}
# On a new cluster the kind may not be known yet; it does not change how the object is applied.
_HARMLESS = "SkipDryRunOnMissingResource=true"

_Told = tuple[str, str, str]  # rule, message without its object, hint


def breaches(
    owner: str, manifests: Iterable[Manifest], paths: tuple[Path, ...], more: frozenset[str] = frozenset()
) -> Iterator[Breach]:
    """`more` are annotations that these objects may have, and that others judge."""
    found: dict[_Told, list[str]] = {}
    for manifest in manifests:
        for told in _of(manifest, more):
            found.setdefault(told, []).append(f"{manifest['kind']} {manifest['metadata']['name']}")
    for (rule, says, hint), names in found.items():
        yield Breach(rule=rule, paths=paths, message=f"{things(names, owner)}: {says}", hint=hint)


def _of(manifest: Manifest, more: frozenset[str]) -> Iterator[_Told]:
    annotations = manifest["metadata"].get("annotations", {})
    if HOOK in annotations:
        hooks = {hook.strip() for hook in annotations[HOOK].split(",")}
        if not hooks & _APPLIED:
            says = f"as a hook of {annotations[HOOK] or 'no type'} no sync applies it"
            yield _told("never-applied", says, "take the annotation away")
    options = {option.strip() for option in annotations.get(OPTIONS, "").split(",")} - {"", _HARMLESS}
    wanted = _CONFIRMED if manifest["kind"] in _KEPT else set()
    if wanted - options:
        hint = f"annotate it with {OPTIONS}: Prune=confirm,Delete=confirm"
        yield _told("removal-unguarded", "Argo CD removes it, and what it holds, without asking", hint)
    for says in (
        *(f"it has the sync option {option}" for option in sorted(options - wanted)),
        *_odd(annotations, more),
    ):
        yield _told("sync-option", says, "take it away: nothing in the spec asks for it")


def _odd(annotations: Manifest, more: frozenset[str]) -> Iterator[str]:
    for key, value in annotations.items():
        if key == WAVE and not WHOLE_NUMBER.fullmatch(value):
            yield f"its wave {value!r} is no number"
        if key.partition("/")[0] in _OURS and key not in (WAVE, HOOK, _DELETE_POLICY, OPTIONS, *more):
            yield f"it has the annotation {key}: {value}"


def _told(rule: str, says: str, hint: str) -> _Told:
    return rule, says, hint
