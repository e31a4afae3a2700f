"""What goes with an object: data, or what holds it.

Sources: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention,
https://external-secrets.io/latest/guides/ownership-deletion-policy/,
https://argo-cd.readthedocs.io/en/stable/user-guide/app_deletion/
"""

from collections.abc import Callable, Mapping

from generator.review.objects import Manifest, at, group_of, mapping, sequence

_Loss = Callable[[Manifest], str | None]

_SYNC_OPTIONS = "argocd.argoproj.io/sync-options"
_FINALIZER = "resources-finalizer.argocd.argoproj.io"  # also with /foreground or /background behind it


def removed(manifest: Manifest) -> str | None:
    """What is lost when an object is deleted, in words; None where nothing is."""
    lost = _lost({**_HOLDS_DATA, **_FEEDS}, manifest)
    return f"{lost}{_guard(manifest)}" if lost else None


def remade(manifest: Manifest) -> str | None:
    """What is lost when an object is deleted and made anew under another name: only what it alone holds."""
    lost = _lost(_HOLDS_DATA, manifest)
    empty = "; the new one starts empty" if manifest.get("kind") in _VOLUMES else ""
    return f"{lost}{empty}{_guard(manifest)}" if lost else None


def redirected(before: Manifest, after: Manifest) -> str | None:
    """What an Application that deploys elsewhere from now on does to what it deployed."""
    if (group_of(before), before.get("kind")) != ("argoproj.io", "Application"):
        return None
    old, new = (_destination(manifest) for manifest in (before, after))
    return f"deploys to {new} instead of {old}: what it has there goes" if old != new else None


def _destination(application: Manifest) -> str:
    destination = mapping(at(application, "spec", "destination"))
    cluster = destination.get("name") or destination.get("server") or "no cluster"
    return f"{destination.get('namespace') or 'no namespace'} of {cluster}"


def _guard(manifest: Manifest) -> str:
    """Argo CD's own brake, which it looks for on the object in the cluster."""
    options = str(mapping(at(manifest, "metadata", "annotations")).get(_SYNC_OPTIONS) or "")
    asks = {option.strip() for option in options.split(",")} >= {"Prune=confirm", "Delete=confirm"}
    return " (Argo CD asks first)" if asks else ""


def _lost(losses: Mapping[tuple[str, str], _Loss], manifest: Manifest) -> str | None:
    loss = losses.get((group_of(manifest), str(manifest.get("kind"))))
    return loss(manifest) if loss else None


# ------------------------------------------------------------------------------------------------------------- by kinds


def _says(reason: str) -> _Loss:
    return lambda _: reason


def _stateful_set(manifest: Manifest) -> str | None:
    if not sequence(at(manifest, "spec", "volumeClaimTemplates")):
        return None
    if at(manifest, "spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted") == "Delete":
        return "its volume claims are deleted with it, and their data"
    return "what writes to its volumes is deleted; their claims stay behind"


def _definition(manifest: Manifest) -> str:
    return f"every {at(manifest, 'spec', 'names', 'kind') or 'object of its kind'} in the cluster is deleted with it"


def _application(manifest: Manifest) -> str | None:
    finalizers = sequence(at(manifest, "metadata", "finalizers"))
    if any(str(finalizer).partition("/")[0] == _FINALIZER for finalizer in finalizers):
        return "everything that it deployed is deleted with it"
    return None


def _external_secret(manifest: Manifest) -> str | None:
    if (at(manifest, "spec", "target", "creationPolicy") or "Owner") != "Owner":
        return None
    name = at(manifest, "spec", "target", "name") or at(manifest, "metadata", "name")
    return f"its Secret {name} is deleted with it"


_HOLDS_DATA: Mapping[tuple[str, str], _Loss] = {
    ("", "Namespace"): _says("everything in the namespace is deleted with it"),
    ("", "PersistentVolume"): _says("the volume is deleted"),
    ("", "PersistentVolumeClaim"): _says("the volume is deleted with its data, unless its class retains it"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _definition,
    ("apps", "StatefulSet"): _stateful_set,
    ("argoproj.io", "Application"): _application,
    ("postgresql.cnpg.io", "Cluster"): _says("the database is deleted with its volumes"),
}
_VOLUMES = ("Cluster", "PersistentVolume", "PersistentVolumeClaim")

_STORE = _says("no ExternalSecret can read from it any more")
_FEEDS: Mapping[tuple[str, str], _Loss] = {
    ("argoproj.io", "AppProject"): _says("its Applications can no longer sync"),
    ("external-secrets.io", "ClusterExternalSecret"): _says(
        "its ExternalSecrets are deleted with it, and their Secrets"
    ),
    ("external-secrets.io", "ClusterSecretStore"): _STORE,
    ("external-secrets.io", "ExternalSecret"): _external_secret,
    ("external-secrets.io", "SecretStore"): _STORE,
}
