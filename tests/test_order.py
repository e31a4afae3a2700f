"""The order proof: every rule broken alone, and the order of the shipped fleet's syncs.

tests/proof_faults/order.yaml is sound. No spec can break these rules, only a fault in a builder: objects are changed.
"""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.proofs import order
from generator.proofs.order import declared, needs
from generator.proofs.order.cycles import cycles
from generator.proofs.order.needs import Item, Need
from generator.spec import build
from tests.proof_support import changed, expected_in, lines_and_rules
from tests.proof_worlds import (
    FAULTS,
    Fault,
    Manifest,
    World,
    marked,
    proved,
    schema_of,
    undescribed,
    with_agent,
    world_of,
)
from tests.rules_in_source import rules_of
from tests.strategies import Spec, specs
from tests.support import MORE, REFERENCE, fleet_at, kustodian

SOUND = (FAULTS / "order.yaml").read_text(encoding="utf-8")
SCHEMA = schema_of(order)
WAVE = "argocd.argoproj.io/sync-wave"

Change = Callable[[World], None]


def wave(kind: str, name: str, number: int) -> Change:
    def tamper(world: World) -> None:
        world.the(kind, name)["metadata"].setdefault("annotations", {})[WAVE] = str(number)

    return tamper


def hook(kind: str, name: str, phase: str) -> Change:
    def tamper(world: World) -> None:
        world.the(kind, name)["metadata"].setdefault("annotations", {})[needs.HOOK] = phase

    return tamper


def of_application(name: str, number: int, kind: str = "Application") -> Change:
    def tamper(world: World) -> None:
        world.application(name, kind)["metadata"]["annotations"][WAVE] = str(number)

    return tamper


def changed_spec(name: str, kind: str, **spec: Any) -> Change:
    def tamper(world: World) -> None:
        world.application(name, kind)["spec"] |= spec

    return tamper


def project(**spec: Any) -> Change:
    return changed_spec("fleet-dev", "AppProject", **spec)


def both(*changes: Change) -> Change:
    def tamper(world: World) -> None:
        for change in changes:
            change(world)

    return tamper


def without_kind(kind: str) -> Change:
    def tamper(world: World) -> None:
        spec = world.application("fleet-dev", "AppProject")["spec"]
        spec["namespaceResourceWhitelist"] = [one for one in spec["namespaceResourceWhitelist"] if one["kind"] != kind]

    return tamper


def renamed_namespace(name: str) -> Change:
    def tamper(world: World) -> None:
        (entry,) = world.application("fleet-namespaces", "AppProject")["spec"]["clusterResourceWhitelist"]
        entry["name"] = name

    return tamper


def logs_in_with(secret: str) -> Change:
    """The store takes the Secret that it logs in with from a Secret of the namespace."""

    def tamper(world: World) -> None:
        provider = {"vault": {"server": "https://v", "auth": {"tokenSecretRef": {"name": secret, "key": "token"}}}}
        world.the("SecretStore")["spec"] = {"provider": provider}

    return tamper


def also_mounts(kind: str, name: str, config_map: str, **more: Any) -> Change:
    return both(
        mount(kind, name, "more"),
        lambda world: world.pod(kind, name)["volumes"].append(
            {"name": "more", "configMap": {"name": config_map, **more}}
        ),
    )


def mount(kind: str, name: str, volume: str) -> Change:
    def tamper(world: World) -> None:
        (container,) = world.pod(kind, name)["containers"]
        container["volumeMounts"].append({"name": volume, "mountPath": f"/{volume}"})

    return tamper


def without_mounts(kind: str, name: str) -> Change:
    def tamper(world: World) -> None:
        (container,) = world.pod(kind, name)["containers"]
        container["volumeMounts"] = [one for one in container["volumeMounts"] if one["name"] != "data"]

    return tamper


def annotated(kind: str, name: str, key: str, value: str) -> Change:
    def tamper(world: World) -> None:
        world.the(kind, name)["metadata"].setdefault("annotations", {})[key] = value

    return tamper


def of_object(kind: str, name: str, **spec: Any) -> Change:
    def tamper(world: World) -> None:
        world.the(kind, name)["spec"] |= spec

    return tamper


def in_application(name: str, *path: str, kind: str = "Application", **values: Any) -> Change:
    """Other values below a path; those that are None are taken out."""

    def tamper(world: World) -> None:
        block = world.application(name, kind)
        for key in path:
            block = block[key]
        block |= values
        for key in [key for key in block if block[key] is None]:
            del block[key]

    return tamper


def noted(name: str, key: str, value: str, kind: str = "Application") -> Change:
    return in_application(name, "metadata", "annotations", kind=kind, **{f"argocd.argoproj.io/{key}": value})


def differing(what: str, name: str = "fleet-dev-batch", kind: str = "Application") -> str:
    return f"{kind} {name}: {what}; run `kustodian generate`; if that changes nothing, report a bug"


def more_kinds(*kinds: tuple[str, str]) -> Change:
    """The project allows these too."""

    def tamper(world: World) -> None:
        allowed = world.application("fleet-dev", "AppProject")["spec"]["namespaceResourceWhitelist"]
        allowed += [{"group": group, "kind": kind} for group, kind in kinds]

    return tamper


def account_of_store(name: str) -> Change:
    """Logs in as this ServiceAccount."""
    provider = {"vault": {"server": "https://v", "auth": {"kubernetes": {"serviceAccountRef": {"name": name}}}}}
    return of_object("SecretStore", "secret-store", provider=provider)


def pulling(secret: str) -> Change:
    def tamper(world: World) -> None:
        world.the("ServiceAccount", "other")["imagePullSecrets"] = [{"name": secret}]

    return tamper


def named_by_people(secret: str) -> Change:
    def tamper(world: World) -> None:
        world.fleet = with_agent(world.fleet, "other", image_pull_secret=secret)

    return tamper


def budget(**spec: Any) -> Change:
    """A PodDisruptionBudget of this spec, and no other."""

    def tamper(world: World) -> None:
        found = world.the("PodDisruptionBudget", "helper")["spec"]
        found.pop("maxUnavailable")
        found |= spec

    return tamper


def windows(*schedules: str) -> Change:
    """These freezes, in both projects that hold the environment's Applications."""
    freeze = {"kind": "deny", "duration": "64h", "timeZone": "Etc/UTC", "manualSync": True}
    whom: dict[str, Any] = {
        "fleet-dev": {"applications": ["*"]},
        "fleet-namespaces": {"namespaces": ["fleet-dev"]},
    }
    return both(
        *(
            changed_spec(name, "AppProject", syncWindows=[freeze | what | {"schedule": one} for one in schedules])
            for name, what in whom.items()
        )
    )


def path(name: str, text: str) -> Change:
    def tamper(world: World) -> None:
        world.application(name)["spec"]["source"]["path"] = text

    return tamper


def without(kind: str, name: str) -> Change:
    def tamper(world: World) -> None:
        world.applications.remove(world.application(name, kind))

    return tamper


def needing(before: str, what: str, where: str, kind: str) -> str:
    return f"dev: {before} needs {what}, which does not come before it ({where}); put the {kind} into an earlier wave"


SERVER = "https://kubernetes.default.svc"
REPOSITORY = "https://github.com/example/fleet.git"
NOBODY = "; make it, or do without it"
UNASKED = "; take it away: nothing in the spec asks for it"
OPTIONS, HARMLESS = "argocd.argoproj.io/sync-options", "SkipDryRunOnMissingResource=true"
TO_FALSE, TO_TRUE = (f"set spec.syncPolicy.automated.enabled to {value}" for value in ("false", "true"))
DOMAIN = "dev.example.com"
FREEZE = 'freezes: [{schedule: "0 16 * * 5", duration: 64h, reason: weekend}]'
HERE = {"server": SERVER, "namespace": "fleet-dev"}
BATCH, SOURCE, AUTOMATED = "fleet-dev-batch", ("spec", "source"), ("spec", "syncPolicy", "automated")
OPTIONS_ = ["ServerSideApply=true", "ApplyOutOfSyncOnly=true", "PruneLast=true", "FailOnSharedResource=true"]
FEWER = ", ".join(sorted(OPTIONS_[1:]))
NOTHING = "of which the spec says nothing"
TOGETHER = "both in wave 0, where each {} is applied first"

FAULTS_ = [
    *(
        Fault(rule="needs-later-wave", tamper=tamper, at=at, says=says, fine_tamper=fine)
        for at, tamper, says, fine in (
            (
                "dev:",
                wave("LimitRange", "limits", -3),
                needing("LimitRange limits", "Namespace fleet-dev", "wave -2 after wave -3", "Namespace"),
                wave("LimitRange", "limits", -2),
            ),
            (
                "dev:",
                wave("SecretStore", "secret-store", 2),
                needing(
                    "ExternalSecret shared", "SecretStore secret-store", "both in wave 2, in no order", "SecretStore"
                ),
                wave("SecretStore", "secret-store", 0),
            ),
            (
                "dev:",
                wave("ServiceAccount", "secret-store", 2),
                needing(
                    "SecretStore secret-store", "ServiceAccount secret-store", "wave 2 after wave 1", "ServiceAccount"
                ),
                wave("ServiceAccount", "secret-store", 1),
            ),
            (
                "dev:",
                wave("RoleBinding", "secret-store-token", 2),
                needing(
                    "SecretStore secret-store", "RoleBinding secret-store-token", "wave 2 after wave 1", "RoleBinding"
                ),
                wave("RoleBinding", "secret-store-token", 1),
            ),
            (
                "dev:",
                wave("Role", "secret-store-token", 1),
                needing("RoleBinding secret-store-token", "Role secret-store-token", "wave 1 after wave 0", "Role"),
                wave("Role", "secret-store-token", -1),
            ),
            (
                "helper:",
                wave("ExternalSecret", "helper", 0),
                needing("Deployment helper", "ExternalSecret helper", TOGETHER.format("Deployment"), "ExternalSecret"),
                wave("ExternalSecret", "helper", -3),
            ),
            (
                "helper:",
                wave("ServiceAccount", "helper", 1),
                needing("Deployment helper", "ServiceAccount helper", "wave 1 after wave 0", "ServiceAccount"),
                wave("ServiceAccount", "helper", -1),
            ),
            (
                "helper:",
                wave("RoleBinding", "helper", 1),
                needing("Deployment helper", "RoleBinding helper", "wave 1 after wave 0", "RoleBinding"),
                wave("RoleBinding", "helper", 0),
            ),
            (
                "helper:",
                wave("ConfigMap", "helper-config", 1),
                needing("Deployment helper", "ConfigMap helper-config", "wave 1 after wave 0", "ConfigMap"),
                wave("ConfigMap", "helper-config", -1),
            ),
            (
                "helper:",
                wave("PersistentVolumeClaim", "helper-data", 1),
                needing(
                    "Deployment helper",
                    "PersistentVolumeClaim helper-data",
                    "wave 1 after wave 0",
                    "PersistentVolumeClaim",
                ),
                wave("PersistentVolumeClaim", "helper-data", 0),
            ),
            (
                "helper:",
                wave("NetworkPolicy", "helper", 1),
                needing("Deployment helper", "NetworkPolicy helper", "wave 1 after wave 0", "NetworkPolicy"),
                wave("NetworkPolicy", "helper", 0),
            ),
            (
                "helper:",
                wave("HorizontalPodAutoscaler", "helper", -1),
                needing("HorizontalPodAutoscaler helper", "Deployment helper", "wave 0 after wave -1", "Deployment"),
                wave("HorizontalPodAutoscaler", "helper", 1),
            ),
            (
                "helper:",
                wave("HTTPRoute", "helper", -1),
                needing("HTTPRoute helper", "Service helper", "wave 0 after wave -1", "Service"),
                wave("HTTPRoute", "helper", 1),
            ),
            (
                "helper:",
                both(
                    also_mounts("Deployment", "helper", "helper-config"), hook("ConfigMap", "helper-config", "PostSync")
                ),
                needing("Deployment helper", "ConfigMap helper-config", "a later phase of the sync", "ConfigMap"),
                hook("ConfigMap", "helper-config", "PreSync"),
            ),
            (
                "other:",
                both(also_mounts("Deployment", "other", "helper-config"), of_application("fleet-dev-helper", 0)),
                needing(
                    "Deployment other",
                    "ConfigMap helper-config",
                    "the Application of helper is in wave 0, that of other in 0",
                    "ConfigMap",
                ),
                both(also_mounts("Deployment", "other", "helper-config"), of_application("fleet-dev-helper", -1)),
            ),
        )
    ),
    Fault(
        rule="needs-later-wave",
        tamper=of_application("fleet-dev", 0, "AppProject"),
        at="gitops:",
        says="\n".join(
            f"Application fleet-dev-{name} (wave 0) needs its AppProject fleet-dev, of wave 0; "
            "put the project into an earlier wave"
            for name in ("batch", "helper", "other")
        ),
        fine_tamper=of_application("fleet-dev", -1, "AppProject"),
    ),
    Fault(
        rule="claim-waits",
        tamper=wave("PersistentVolumeClaim", "helper-data", -1),
        at="helper:",
        says="dev: PersistentVolumeClaim helper-data waits in wave -1 for a pod that uses it, "
        "and ServiceAccount helper waits for it in 0; put the claim into its pods' wave",
        fine_tamper=wave("PersistentVolumeClaim", "helper-data", 0),
    ),
    Fault(
        rule="claim-waits",
        tamper=wave("CronJob", "batch-scan", 1),
        at="batch:",
        says="dev: PersistentVolumeClaim batch-cache waits in wave 0 for a pod that uses it, and CronJob batch-scan "
        "waits for it in 1; put the claim into its pods' wave",
        fine_tamper=both(wave("CronJob", "batch-scan", 1), wave("PersistentVolumeClaim", "batch-cache", 1)),
    ),
    Fault(
        rule="order-cycle",
        tamper=logs_in_with("shared"),
        at="dev:",
        says="dev: ExternalSecret shared needs SecretStore secret-store needs ExternalSecret shared: "
        "none of them can be the first; let one of them do without the next",
        fine_tamper=logs_in_with("made-by-hand"),
    ),
    Fault(
        rule="order-cycle",
        tamper=logs_in_with("helper"),
        at="helper:",
        says="dev: ExternalSecret helper needs SecretStore secret-store needs ExternalSecret helper: "
        "none of them can be the first; let one of them do without the next",
        fine_tamper=logs_in_with("made-by-hand"),
    ),
    Fault(
        rule="order-cycle",
        tamper=both(
            also_mounts("Deployment", "other", "helper-config"),
            also_mounts("Deployment", "helper", "other-config"),
            of_application("fleet-dev-helper", -1),
        ),
        at="helper:",
        says="dev: the Applications of helper and other each hold what the other needs; hold it in one of them",
        fine_tamper=both(also_mounts("Deployment", "other", "helper-config"), of_application("fleet-dev-helper", -1)),
    ),
    Fault(
        rule="application-missing",
        tamper=without("Application", "fleet-dev-batch"),
        at="batch:",
        says="dev: no Application syncs overlays/dev/batch; run `kustodian generate`",
        fine_tamper=path("fleet-dev-batch", "deploy/overlays/dev/batch"),
    ),
    Fault(
        rule="path-missing",
        tamper=lambda world: world.applications.append(_another(world)),
        at="gitops:",
        says="Application again syncs overlays/dev/batch, and no overlay is there; run `kustodian generate`",
        fine_tamper=path("fleet-dev-batch", "deploy/overlays/dev/batch"),
    ),
    Fault(
        rule="project-missing",
        tamper=changed_spec("fleet-dev-batch", "Application", project="fleet-test"),
        at="gitops:",
        says="Application fleet-dev-batch is of the project fleet-test, which nothing makes; name one that is there",
        fine_tamper=changed_spec("fleet-dev-batch", "Application", project="fleet-dev"),
    ),
    *(
        Fault(
            rule="project-forbids",
            tamper=tamper,
            at="gitops:",
            says="\n".join(
                f"the project {of} does not allow Application {name} {what}; allow it there" for name in applications
            ),
            fine_tamper=fine,
        )
        for of, applications, tamper, what, fine in (
            (
                "fleet-dev",
                ("fleet-dev-batch", "fleet-dev-helper", "fleet-dev-other"),
                project(sourceRepos=[REPOSITORY, "!https://github.com/example/fl*"]),
                f"the repository {REPOSITORY}",
                project(sourceRepos=[REPOSITORY, "!https://github.com/example/other.git"]),
            ),
            (
                "fleet-dev",
                ("fleet-dev-batch", "fleet-dev-helper", "fleet-dev-other"),
                project(destinations=[]),
                f"the namespace fleet-dev on {SERVER}",
                project(destinations=[{"server": SERVER, "namespace": "fleet-dev"}]),
            ),
            (
                "fleet-dev",
                ("fleet-dev-batch",),
                without_kind("CronJob"),
                "the kind CronJob.batch",
                without_kind("CiliumNetworkPolicy"),
            ),
            (
                "fleet-dev",
                ("fleet-dev-helper",),
                project(namespaceResourceBlacklist=[{"group": "rbac.authorization.k8s.io", "kind": "Role"}]),
                "the kind Role.rbac.authorization.k8s.io",
                project(namespaceResourceBlacklist=[{"group": "rbac.authorization.k8s.io", "kind": "ClusterRole"}]),
            ),
            (
                "fleet-namespaces",
                ("fleet-dev-namespace",),
                changed_spec("fleet-namespaces", "AppProject", clusterResourceWhitelist=[]),
                "the kind Namespace fleet-dev",
                renamed_namespace("fleet-dev"),
            ),
            (
                "fleet-root",
                ("fleet",),
                changed_spec(
                    "fleet-root",
                    "AppProject",
                    namespaceResourceWhitelist=[{"group": "argoproj.io", "kind": "Application"}],
                ),
                "the kind AppProject.argoproj.io",
                changed_spec("fleet-root", "AppProject", clusterResourceWhitelist=[]),
            ),
        )
    ),
    # ------------------------------------------------------------------------------------- what Argo CD is told of each
    *(
        Fault(
            rule="never-applied",
            tamper=hook("NetworkPolicy", "helper", phase),
            at="helper:",
            says=f"dev: NetworkPolicy helper: as a hook of {phase} no sync applies it; take the annotation away",
            fine_tamper=hook("NetworkPolicy", "helper", fine),
        )
        for phase, fine in (("Skip", "Skip, Sync"), ("PreSycn", "PreSync"), ("PostDelete", "Sync"))
    ),
    Fault(
        rule="never-applied",
        tamper=noted("fleet-dev-batch", "hook", "Skip"),
        at="gitops:",
        says="Application fleet-dev-batch: as a hook of Skip no sync applies it; take the annotation away",
        fine_tamper=noted("fleet-dev-batch", "sync-wave", "1"),
    ),
    *(
        Fault(
            rule="sync-option",
            tamper=annotated(kind, name, key, value),
            at=at,
            says=f"dev: {kind} {name}: {told}{UNASKED}",
            fine_tamper=annotated(kind, name, key, fine) if fine else None,
        )
        for kind, name, key, value, at, told, fine in (
            ("Deployment", "other", OPTIONS, "Replace=true", "other:", "it has the sync option Replace=true", HARMLESS),
            (
                *(
                    "PersistentVolumeClaim",
                    "helper-data",
                    OPTIONS,
                    "Prune=confirm,Delete=confirm,Force=true",
                    "helper:",
                ),
                *("it has the sync option Force=true", "Delete=confirm, Prune=confirm"),
            ),
            ("Role", "helper", WAVE, "first", "helper:", "its wave 'first' is no number", "-1"),
        )
    ),
    *(
        Fault(
            rule="sync-option",
            tamper=annotated("Service", "other", key, value),
            at="other:",
            says=f"dev: Service other: it has the annotation {key}: {value}{UNASKED}",
            fine_tamper=annotated("Service", "other", fine, value),
        )
        for key, value, fine in (
            ("argocd.argoproj.io/compare-options", "IgnoreExtraneous", "example.com/compare-options"),
            ("helm.sh/hook", "post-delete", "helm.example/hook"),
        )
    ),
    Fault(
        rule="sync-option",
        tamper=noted("fleet-dev-batch", "skip-reconcile", "true"),
        at="gitops:",
        says="Application fleet-dev-batch: it has the annotation argocd.argoproj.io/skip-reconcile: true" + UNASKED,
        fine_tamper=in_application("fleet-dev-batch", "metadata", "annotations", **{"example.com/skip": "true"}),
    ),
    *(
        Fault(
            rule="removal-unguarded",
            tamper=annotated(kind, name, OPTIONS, value),
            at=at,
            says=f"dev: {kind} {name}: Argo CD removes it, and what it holds, without asking; "
            f"annotate it with {OPTIONS}: Prune=confirm,Delete=confirm",
            fine_tamper=annotated(kind, name, OPTIONS, "Delete=confirm,Prune=confirm"),
        )
        for kind, name, value, at in (
            ("PersistentVolumeClaim", "helper-data", "Prune=confirm", "helper:"),
            ("Namespace", "fleet-dev", "", "dev:"),
        )
    ),
    # ----------------------------------------------------------------------------------------------------- who syncs it
    *(
        Fault(
            rule="approval-ignored",
            lines={
                "tiers:": f"tiers: {{3: {{approval: {approval}}}}}",
                "domain:": f"domain: {DOMAIN}\nsync: {sync}{mark}",
            },
            tamper=in_application(f"fleet-dev-{name}", "spec", "syncPolicy", "automated", enabled=automatic),
            says=f"Application fleet-dev-{name} {told}",
            fine={"tiers:": f"tiers: {{3: {{approval: {approval}}}}}", "domain:": f"domain: {DOMAIN}\nsync: {sync}"},
            fine_tamper=in_application(
                f"fleet-dev-{name}", "spec", "syncPolicy", "automated", enabled=automatic is False
            ),
        )
        for sync, approval, name, automatic, told in (
            ("manual", "none", "namespace", True, f"syncs by itself, and dev is `sync: manual`; {TO_FALSE}"),
            ("manual", "none", "other", True, f"syncs by itself, and dev is `sync: manual`; {TO_FALSE}"),
            ("byTier", "required", "other", None, f"syncs by itself, and tier 3 asks for approval in dev; {TO_FALSE}"),
            ("byTier", "required", "namespace", False, f"waits for a person, and dev is `sync: byTier`; {TO_TRUE}"),
            ("byTier", "none", "other", False, f"waits for a person, and dev is `sync: byTier`; {TO_TRUE}"),
            ("auto", "required", "other", False, f"waits for a person, and dev is `sync: auto`; {TO_TRUE}"),
        )
        for mark in ["  # E: approval-ignored"]
    ),
    Fault(
        rule="approval-ignored",
        tamper=in_application("fleet", "spec", "syncPolicy", automated=None),
        at="gitops:",
        says=f"Application fleet waits for a person, and it is the root of all others; {TO_TRUE}",
        fine_tamper=in_application("fleet", "spec", "syncPolicy", "automated", enabled=None),
    ),
    # ---------------------------------------------------------------------------------------- what the spec makes of it
    *(
        Fault(
            rule="application-differs",
            tamper=in_application(name, *where, **wrong),
            at="gitops:",
            says=differing(told, name),
            fine_tamper=in_application(name, *where, **right),
        )
        for name, where, wrong, told, right in (
            (
                BATCH,
                SOURCE,
                {"targetRevision": "v1"},
                "spec.source.targetRevision is v1, and the spec says main",
                {"targetRevision": "main"},
            ),
            (
                BATCH,
                SOURCE,
                {"targetRevision": None},
                "there is no spec.source.targetRevision, and the spec says main",
                {"targetRevision": "main"},
            ),
            (
                BATCH,
                SOURCE,
                {"kustomize": {"namePrefix": "x"}},
                f"spec.source.kustomize.namePrefix is x, {NOTHING}",
                {},
            ),
            (BATCH, ("spec",), {"sources": [1]}, f"spec.sources is 1, {NOTHING}", {"revisionHistoryLimit": 5}),
            (BATCH, ("spec",), {"ignoreDifferences": [1]}, f"spec.ignoreDifferences is 1, {NOTHING}", {"info": [1]}),
            (
                BATCH,
                ("spec",),
                {"sourceHydrator": {}},
                f"spec.sourceHydrator is {{}}, {NOTHING}",
                {"project": "fleet-dev"},
            ),
            (
                BATCH,
                AUTOMATED,
                {"prune": False},
                "spec.syncPolicy.automated.prune is False, and the spec says True",
                {},
            ),
            (BATCH, AUTOMATED, {"allowEmpty": True}, f"spec.syncPolicy.automated.allowEmpty is True, {NOTHING}", {}),
            (
                BATCH,
                AUTOMATED,
                {"selfHeal": None},
                "there is no spec.syncPolicy.automated.selfHeal, and the spec says True",
                {},
            ),
            (
                BATCH,
                ("spec", "syncPolicy"),
                {"syncOptions": OPTIONS_[1:]},
                f"spec.syncPolicy.syncOptions is {FEWER}, and the spec says {FEWER}, {OPTIONS_[0]}",
                {"syncOptions": OPTIONS_[::-1]},
            ),
            (
                BATCH,
                ("metadata",),
                {"finalizers": None},
                f"there is no metadata.finalizers, and the spec says {declared.FINALIZER}",
                {"finalizers": [declared.FINALIZER]},
            ),
            (BATCH, (), {"operation": {"sync": {}}}, f"operation.sync is {{}}, {NOTHING}", {}),
            (
                "fleet",
                (*SOURCE, "directory"),
                {"recurse": False},
                "spec.source.directory.recurse is False, and the spec says True",
                {"recurse": True},
            ),
            (
                "fleet",
                (*SOURCE, "directory"),
                {"exclude": None},
                "there is no spec.source.directory.exclude, and the spec says root.yaml",
                {"exclude": "root.yaml"},
            ),
            ("fleet", SOURCE, {"path": "argocd"}, "spec.source.path is argocd, and the spec says deploy/argocd", {}),
        )
    ),
    Fault(
        rule="application-differs",
        tamper=both(*(in_application(f"fleet-dev-{one}", *SOURCE, targetRevision="v1") for one in ("batch", "other"))),
        at="gitops:",
        says=differing(
            "spec.source.targetRevision is v1, and the spec says main", "fleet-dev-other and 1 more of the fleet"
        ),
        fine_tamper=in_application(BATCH, *SOURCE, targetRevision="main"),
    ),
    *(
        Fault(
            rule="application-differs",
            tamper=noted(BATCH, "manifest-generate-paths", wrong),
            at="gitops:",
            says="\n".join(
                differing(
                    f"it is built of {missed}, and a commit there does not make Argo CD look "
                    "(argocd.argoproj.io/manifest-generate-paths)"
                )
                for missed in all_missed
            ),
            fine_tamper=noted(BATCH, "manifest-generate-paths", right),
        )
        for wrong, all_missed, right in (
            ("/deploy/overlays/dev/batch", ["deploy/base/batch"], ".;/deploy/base"),
            ("/deploy/base/bat;.", ["deploy/base/batch"], ".;;/deploy/base/batch/"),
            ("x", ["deploy/base/batch", "deploy/overlays/dev/batch"], ""),
        )
    ),
    Fault(
        rule="application-differs",
        tamper=noted(BATCH, "compare-options", "IgnoreExtraneous"),
        at="gitops:",
        says=differing("argocd.argoproj.io/compare-options is IgnoreExtraneous, of which the spec says nothing"),
        fine_tamper=noted(BATCH, "compare-options", "ServerSideDiff=true"),
    ),
    Fault(
        rule="application-differs",
        tamper=in_application("fleet-dev", "metadata", kind="AppProject", finalizers=[]),
        at="gitops:",
        says=differing(f"metadata.finalizers is , and the spec says {declared.FINALIZER}", "fleet-dev", "AppProject"),
        fine_tamper=in_application("fleet-dev", "spec", kind="AppProject", description="other"),
    ),
    Fault(
        rule="application-twice",
        tamper=lambda world: world.applications.append(_another(world, "deploy/overlays/dev/batch")),
        at="gitops:",
        says="Applications fleet-dev-batch and again sync the same overlays/dev/batch; delete all but one",
        fine_tamper=path("fleet-dev-batch", "deploy/overlays/dev/batch"),
    ),
    Fault(
        rule="application-missing",
        tamper=without("Application", "fleet"),
        at="gitops:",
        says="no Application fleet syncs deploy/argocd; without the root nothing else is applied; "
        "run `kustodian generate`",
        fine_tamper=path("fleet", "deploy/argocd"),
    ),
    *(
        Fault(
            rule="project-too-wide",
            tamper=wrong,
            at="gitops:",
            says=f"the project {of} allows {what}, which its Applications are not to hold; "
            "name what they hold, and nothing else",
            fine_tamper=right,
        )
        for of, what, wrong, right in (
            ("fleet-dev", "the kind *.*", more_kinds(("*", "*")), more_kinds(("apps", "Deployment"))),
            ("fleet-dev", "the kind Job.batch", more_kinds(("batch", "Job")), more_kinds(("batch", "CronJob"))),
            ("fleet-dev", "the kind ResourceQuota", more_kinds(("", "ResourceQuota")), more_kinds(("", "Service"))),
            (
                *("fleet-dev", "every kind in a namespace"),
                in_application("fleet-dev", "spec", kind="AppProject", namespaceResourceWhitelist=None),
                in_application("fleet-dev", "spec", kind="AppProject", clusterResourceBlacklist=[]),
            ),
            (
                *("fleet-dev", "the kind Namespace fleet-dev"),
                project(clusterResourceWhitelist=[{"group": "", "kind": "Namespace", "name": "fleet-dev"}]),
                project(clusterResourceWhitelist=[]),
            ),
            (
                *("fleet-namespaces", "the kind Namespace fleet-*", renamed_namespace("fleet-*")),
                renamed_namespace("fleet-dev"),
            ),
            (
                *("fleet-dev", "the repository *"),
                project(sourceRepos=[REPOSITORY, "*"]),
                project(sourceRepos=[REPOSITORY, "!x"]),
            ),
            (
                *("fleet-dev", f"the namespace * on {SERVER}"),
                project(destinations=[HERE, {"server": SERVER, "namespace": "*"}]),
                project(destinations=[HERE, {"server": SERVER, "namespace": "!kube-system"}]),
            ),
            (
                *("fleet-dev", "the namespace fleet-dev on https://other"),
                project(destinations=[HERE, {"server": "https://other", "namespace": "fleet-dev"}]),
                project(destinations=[HERE, HERE]),
            ),
            (
                *("fleet-dev", "what its spec.sourceNamespaces says"),
                project(sourceNamespaces=["*"]),
                project(description="agents"),
            ),
        )
    ),
    Fault(
        rule="project-too-wide",
        tamper=lambda world: world.applications.append(_spare(world)),
        at="gitops:",
        says="nothing in the spec asks for the project fleet-spare; delete it",
        fine_tamper=project(description="spare"),
    ),
    Fault(
        rule="freeze-differs",
        lines={"domain:": f"domain: {DOMAIN}\n{FREEZE}  # E: freeze-differs"},
        tamper=windows(),
        says="\n".join(
            f"the project {name} does not keep Argo CD from syncing at 0 16 * * 5 for 64h, as the freeze of dev says; "
            "give it that sync window"
            for name in ("fleet-dev", "fleet-namespaces")
        ),
        fine={"domain:": f"domain: {DOMAIN}\n{FREEZE}"},
        fine_tamper=windows("0 16 * * 5"),
    ),
    Fault(
        rule="freeze-differs",
        tamper=windows("0 1 * * *"),
        at="gitops:",
        says="\n".join(
            f"the project {name} has a sync window at 0 1 * * * that no freeze asks for; delete it"
            for name in ("fleet-dev", "fleet-namespaces")
        ),
        fine_tamper=windows(),
    ),
    # ---------------------------------------------------------------------------------------------------- leads nowhere
    *(
        Fault(
            rule="leads-nowhere",
            tamper=wrong,
            at=at,
            says=f"dev: {told}{NOBODY}",
            fine_tamper=right,
        )
        for at, told, wrong, right in (
            (
                *("other:", "Deployment other reads the ConfigMap nothing, which nothing makes"),
                also_mounts("Deployment", "other", "nothing"),
                also_mounts("Deployment", "other", "nothing", optional=True),
            ),
            (
                *("other:", "Deployment other reads b of the ConfigMap other-config, which has none such"),
                also_mounts("Deployment", "other", "other-config", items=[{"key": "b", "path": "b"}]),
                both(
                    also_mounts("Deployment", "other", "other-config", items=[{"key": "b", "path": "b"}]),
                    lambda world: world.the("ConfigMap", "other-config")["data"].update(b="c"),
                ),
            ),
            (
                *("other:", "Deployment other mounts the volume lost, which its pods do not have"),
                mount("Deployment", "other", "lost"),
                mount("Deployment", "other", "tmp"),
            ),
            (
                *("helper:", "Deployment helper has the volume data, which no container mounts"),
                without_mounts("Deployment", "helper"),
                both(without_mounts("Deployment", "helper"), mount("Deployment", "helper", "data")),
            ),
            (
                *("helper:", "HorizontalPodAutoscaler helper scales the Deployment helpr, which nothing makes"),
                of_object("HorizontalPodAutoscaler", "helper", scaleTargetRef={"kind": "Deployment", "name": "helpr"}),
                of_object("HorizontalPodAutoscaler", "helper", scaleTargetRef={"kind": "Deployment", "name": "helper"}),
            ),
            (
                *("helper:", "HTTPRoute helper sends requests to the Service helpr, which nothing makes"),
                of_object("HTTPRoute", "helper", rules=[{"backendRefs": [{"name": "helpr", "port": 8080}]}]),
                of_object("HTTPRoute", "helper", rules=[{"backendRefs": [{"name": "helper", "port": 8080}]}]),
            ),
            (
                *("helper:", "HTTPRoute helper sends requests to port 80 of the Service helper, which has none such"),
                of_object("HTTPRoute", "helper", rules=[{"backendRefs": [{"name": "helper", "port": 80}]}]),
                of_object("HTTPRoute", "helper", rules=[{"backendRefs": [{"name": "a", "namespace": "b"}]}]),
            ),
            (
                *("helper:", "PodDisruptionBudget helper guards pods by labels that none has"),
                of_object("PodDisruptionBudget", "helper", selector={"matchLabels": {"app": "helpr"}}),
                of_object("PodDisruptionBudget", "helper", selector={"matchLabels": {"app": "helper"}}),
            ),
            (
                *("other:", "Service other stands for pods by labels that none has"),
                of_object("Service", "other", selector={"app": "nobody"}),
                of_object("Service", "other", selector={"app": "other"}),
            ),
            (
                *("other:", "Service other sends requests to the port web of its pods, which have none such"),
                of_object("Service", "other", ports=[{"name": "http", "port": 8080, "targetPort": "web"}]),
                of_object("Service", "other", ports=[{"name": "http", "port": 8080, "targetPort": 80}]),
            ),
            (
                *("other:", "ServiceMonitor other has Prometheus scrape Services by labels that none has"),
                of_object("ServiceMonitor", "other", selector={"matchLabels": {"app": "nobody"}}),
                of_object("ServiceMonitor", "other", selector={}),
            ),
            (
                *(
                    "other:",
                    "ServiceMonitor other has Prometheus scrape the port web, which none of these Services has",
                ),
                of_object("ServiceMonitor", "other", endpoints=[{"port": "web"}]),
                of_object("ServiceMonitor", "other", endpoints=[{"port": "http"}]),
            ),
            (
                *("other:", "Deployment other selects pods by labels that its own have not"),
                of_object("Deployment", "other", selector={"matchLabels": {"app": "nobody"}}),
                of_object("Deployment", "other", selector={"matchLabels": {"app": "other"}}),
            ),
            (
                *("other:", "ServiceAccount other pulls images with the Secret pull, which the spec does not name"),
                pulling("pull"),
                both(pulling("pull"), named_by_people("pull")),
            ),
            (
                *("dev:", "SecretStore secret-store logs in as the ServiceAccount nobody, which nothing makes"),
                account_of_store("nobody"),
                account_of_store("secret-store"),
            ),
        )
    ),
    *(
        Fault(
            rule="drain-stuck",
            tamper=budget(**{field: wrong}),
            at="service: {replicas",
            says="dev: PodDisruptionBudget helper lets none of 2 pods go, so that a drain of their nodes never ends; "
            "let one be unavailable, or keep one replica more",
            fine_tamper=budget(**{field: right}),
        )
        for field, wrong, right in (
            ("maxUnavailable", 0, 1),
            ("maxUnavailable", "0%", "1%"),
            ("minAvailable", 2, 1),
            ("minAvailable", "51%", "50%"),
        )
    ),
]


def _another(world: World, path: str = "overlays/dev/batch") -> Manifest:
    """Another Application; without a path, it forgets the folder which the fleet is in."""
    found = world.application("fleet-dev-batch")
    spec = found["spec"] | {"source": found["spec"]["source"] | {"path": path}}
    return found | {"metadata": found["metadata"] | {"name": "again"}, "spec": spec}


def _spare(world: World) -> Manifest:
    found = world.application("fleet-dev", "AppProject")
    return found | {"metadata": found["metadata"] | {"name": "fleet-spare"}}


def by_rule(fault: Fault) -> str:
    return fault.rule


def test_the_sound_fleet_is_sound(tmp_path: Path) -> None:
    assert proved(order, SOUND, tmp_path, None)[1] == []


@pytest.mark.parametrize("fault", FAULTS_, ids=by_rule)
def test_one_fault_is_found_at_the_line_that_causes_it_in_these_words(fault: Fault, tmp_path: Path) -> None:
    text = marked(changed(SOUND, fault.lines), fault)
    problems = proved(order, text, tmp_path, fault.tamper)[1]
    said = [str(problem).partition("]: ")[2] for problem in problems]
    assert said == sorted(fault.says.split("\n"))
    assert set(lines_and_rules(problems)) == set(expected_in(text))
    assert {problem.rule for problem in problems} == {fault.rule}


@pytest.mark.parametrize("fault", FAULTS_, ids=by_rule)
def test_the_neighbour_of_a_fault_passes(fault: Fault, tmp_path: Path) -> None:
    assert fault.fine_tamper
    sound = changed(SOUND, fault.fine)
    assert [str(problem) for problem in proved(order, sound, tmp_path, fault.fine_tamper)[1]] == []


def test_every_rule_is_broken_by_a_case() -> None:
    assert {fault.rule for fault in FAULTS_} == rules_of(Path(order.__file__).parent)


def test_a_hook_before_the_sync_cannot_wait_for_the_sync() -> None:
    world = world_of("order")
    world.add("batch", "Job", "first", spec={"template": {"spec": {"containers": [], "serviceAccountName": "batch"}}})
    hook("Job", "first", "PreSync")(world)

    def late() -> list[str]:
        return [one.message for one in order.prove(world.evidence()).findings if one.rule == "needs-later-wave"]

    assert late() == [
        "dev: Job first needs ServiceAccount batch, which does not come before it (a later phase of the sync)"
    ]
    hook("ServiceAccount", "batch", "PreSync")(world)
    # Its other pods find it there, and its first pod too.
    assert late() == []


def test_agents_that_talk_to_each_other_do_not_wait_for_each_other() -> None:
    world = world_of("order")
    talking = {(need.item.owner, need.needs.owner) for need in _needs(world)}
    assert not {("helper", "other"), ("other", "helper")} & talking
    assert {("helper", "namespace"), ("other", "namespace"), ("batch", "namespace")} <= talking


def test_what_is_not_there_is_not_waited_for() -> None:
    world = world_of("order")
    also_mounts("Deployment", "other", "nothing")(world)
    assert {one.rule for one in order.prove(world.evidence()).findings} == {"leads-nowhere"}


# What every pod needs, in words, so that a builder that forgets one is seen here.
def test_what_a_pod_needs() -> None:
    wanted = {
        (str(need.needs), need.before)
        for need in _needs(world_of("order"))
        if need.item.kind == "Deployment" and need.item.name == "helper"
    }
    assert wanted == {
        ("Namespace fleet-dev", True),
        ("ServiceAccount helper", True),
        ("RoleBinding helper", False),
        ("ExternalSecret helper", True),
        ("ExternalSecret shared", True),
        ("ConfigMap helper-config", True),
        ("PersistentVolumeClaim helper-data", True),
        ("NetworkPolicy helper", False),
        ("NetworkPolicy default-deny", False),
        ("NetworkPolicy allow-dns", False),
    }


def _needs(world: World) -> list[Need]:
    (compiled,) = world.evidence().environments
    return needs.needs(compiled)


# ------------------------------------------------------------------------------------------------- against a simulation


@settings(max_examples=40 * MORE)
@given(st.data())
def test_a_sync_that_passes_ends_and_one_that_ends_in_waves_passes(data: st.DataObject) -> None:
    """Waves at random: Argo CD is played wave by wave, and whatever lacks something of a later one is never well."""
    world = world_of("order")
    owners = world.objects["dev"]
    movable = [
        one
        for owner in ("namespace", "helper")
        for one in owners[owner]
        if one["kind"]
        in ("ServiceAccount", "ExternalSecret", "SecretStore", "ConfigMap", "Role", "RoleBinding", "Deployment")
    ]
    for manifest in movable:
        number = data.draw(st.integers(-1, 2), label=f"{manifest['kind']} {manifest['metadata']['name']}")
        manifest["metadata"].setdefault("annotations", {})[WAVE] = str(number)
    found = {one.rule for one in order.prove(world.evidence()).findings} - {"claim-waits"}
    stuck = {owner for owner in ("namespace", "helper") if _stuck(world, owner)}
    if stuck:
        assert found == {"needs-later-wave"}
    # Within a wave nothing is waited for: what is only applied too late there is a finding, though it comes right.
    elif found:
        assert found == {"needs-later-wave"}
        assert any(need.item.turn == need.needs.turn for need in _needs(world) if need.before)


def _stuck(world: World, owner: str) -> bool:
    """Whether a wave of the Application never becomes well."""
    needed: dict[Item, list[Need]] = {}
    for need in _needs(world):
        needed.setdefault(need.item, []).append(need)
    items = [needs.item_of(owner, manifest) for manifest in world.objects["dev"][owner]]
    there: set[Item] = set()
    for turn in sorted({item.turn for item in items}):
        there |= {item for item in items if item.turn == turn}
        for item in there:
            if any(need.needs.owner == owner and need.needs not in there for need in needed.get(item, ())):
                return True
    return False


@settings(max_examples=60 * MORE)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=14))
def test_a_cycle_is_found_exactly_where_there_is_one(edges: list[tuple[int, int]]) -> None:
    graph: dict[int, set[int]] = {}
    for node, needed in edges:
        graph.setdefault(node, set()).add(needed)

    def reachable(start: int) -> set[int]:
        seen, left = set(), [start]
        while left:
            for after in graph.get(left.pop(), ()):
                if after not in seen:
                    seen.add(after)
                    left.append(after)
        return seen

    found = list(cycles(edges))
    assert bool(found) == any(node in reachable(node) for node in graph)
    for cycle in found:
        assert cycle[0] == cycle[-1]
        assert all(needed in graph[node] for node, needed in pairwise(cycle))


@settings(max_examples=15 * MORE)
@given(specs())
def test_every_fleet_comes_in_order(spec: Spec) -> None:
    world = World.of(build.fleet(spec))
    report = order.prove(world.evidence())
    assert report.findings == ()
    jsonschema.validate(report.as_json() | {"findings": []}, SCHEMA)


# ----------------------------------------------------------------------------------------------------------- the report


def test_the_shipped_fleet_passes_and_its_json_is_as_its_schema_says() -> None:
    report = order.prove(World.of(fleet_at(REFERENCE)).evidence())
    assert report.findings == ()
    jsonschema.validate(report.as_json() | {"findings": []}, SCHEMA)
    assert [one.wave for one in report.applications] == [None, *[-10] * 3, *[0] * 12]
    by_person = [one.name for one in report.applications if not one.automatic]
    assert by_person == ["ai-agents-prod-architect-agent"]


def test_the_report_holds_every_object_once_in_the_order_of_its_application() -> None:
    world = world_of("order")
    report = order.prove(world.evidence())
    for application in report.applications[1:]:
        assert application.environment
        assert application.owner
        shown = [(item.kind, item.name) for wave_ in application.waves for item in wave_.items]
        held = [(one["kind"], one["metadata"]["name"]) for one in world.objects["dev"][application.owner]]
        assert sorted(shown) == sorted(held)
        assert [wave_.number for wave_ in application.waves] == sorted({wave_.number for wave_ in application.waves})
    namespace = next(one for one in report.applications if one.owner == "namespace")
    assert [[item.kind for item in wave_.items] for wave_ in namespace.waves] == [
        ["Namespace"],
        [
            *("NetworkPolicy", "NetworkPolicy", "LimitRange", "ServiceAccount"),
            *("Role", "RoleBinding", "RoleBinding"),
        ],
        ["SecretStore"],
        ["ExternalSecret"],
    ]


def test_a_broken_report_is_as_its_schema_says_too() -> None:
    world = world_of("order")
    without("Application", "fleet-dev-batch")(world)
    wave("ExternalSecret", "helper", 5)(world)
    report = order.prove(world.evidence())
    assert {one.rule for one in report.findings} == {"application-missing", "needs-later-wave"}
    jsonschema.validate(report.as_json() | {"findings": []}, SCHEMA)


def test_the_schema_describes_every_field() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert list(undescribed(SCHEMA)) == []


def test_the_command_prints_the_waves(tmp_path: Path) -> None:
    spec = tmp_path / "agents.yaml"
    spec.write_text(SOUND)
    run = kustodian("order", "--spec", spec)
    assert (run.returncode, run.stderr) == (0, "")
    rows = [line.split() for line in run.stdout.splitlines()]
    assert rows[0] == ["Wave", "Application", "Synced", "by", "Its", "waves", "What"]
    assert ["-10", "fleet-dev-namespace", "Argo", "CD", "-2", "Namespace"] in rows
    assert run.stdout.splitlines()[-1].startswith("Wave: of the Application itself; - where a person applies it.")
    page = kustodian("order", "--spec", spec, "--format", "markdown").stdout
    assert "| -10 | fleet-dev-namespace | Argo CD | -2 | Namespace |" in page
