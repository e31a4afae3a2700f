"""The access proof: every rule broken alone, and random Roles and bindings against an evaluator that asks one by one.

tests/proof_faults/access.yaml is sound. What a spec can break is a changed line of it; the rest is changed objects.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.compiled import Compiled
from generator.model import FakeStore, Permission, Waiver
from generator.problems import Problem
from generator.proofs import access
from generator.proofs.access import rbac
from generator.proofs.access.rbac import Subject
from generator.proofs.access.report import AccessReport
from tests.proof_support import changed, expected_in, lines_and_rules
from tests.proof_worlds import (
    FAULTS,
    TODAY,
    Fault,
    Manifest,
    World,
    marked,
    proved,
    read,
    schema_of,
    undescribed,
    with_agent,
    world_of,
)
from tests.rules_in_source import rules_of
from tests.support import MORE, REFERENCE, fleet_at, kustodian

SOUND = (FAULTS / "access.yaml").read_text(encoding="utf-8")
SCHEMA = schema_of(access)
BOUNDS = "so undo what holds it within bounds"
HINT = "take it out of the agent's permissions, or add a waiver with a reason, an owner and an end"
GROUP = "rbac.authorization.k8s.io"
EXTRA = "userextras.authentication.k8s.io/scopes"


def permission(resources: str, verbs: str, group: str = "", mark: str = "", more: str = "") -> dict[str, str]:
    end = f"  # E: {mark}" if mark else ""
    rule = f'- {{apiGroups: ["{group}"], resources: [{resources}], verbs: [{verbs}]{more}}}{end}'
    return {"# in: permissions": rule}


def bind(
    world: World,
    role: str,
    *subjects: Manifest,
    kind: str = "Role",
    name: str = "extra",
    owner: str = "namespace",
    environment: str = "dev",
) -> None:
    reference = {"apiGroup": GROUP, "kind": kind, "name": role}
    world.add(owner, "RoleBinding", name, environment, roleRef=reference, subjects=list(subjects))


def account(name: str, namespace: str = "fleet-dev") -> Manifest:
    return {"kind": "ServiceAccount", "name": name, "namespace": namespace}


def group(name: str) -> Manifest:
    return {"kind": "Group", "apiGroup": GROUP, "name": name}


def role(world: World, *rules: Manifest, environment: str = "dev") -> None:
    world.add("namespace", "Role", "extra", environment, rules=list(rules))


def rule(resources: list[str], verbs: list[str], groups: list[str] | None = None, **more: Any) -> Manifest:
    return {"apiGroups": groups or [""], "resources": resources, "verbs": verbs, **more}


def give_team(world: World, *rules: Manifest, environment: str = "dev") -> None:
    role(world, *rules, environment=environment)
    bind(world, "extra", group("operators"), environment=environment)


def made_up_secrets(world: World) -> None:
    """A store of made-up values is read as nobody."""
    world.remove("RoleBinding", "secret-store-token")
    world.fleet = replace(
        world.fleet,
        environments=tuple(
            replace(one, namespace=replace(one.namespace, store=FakeStore(keys=()), store_identity=None))
            for one in world.fleet.environments
        ),
    )
    for environment in ("dev", "prod"):
        world.the("ServiceAccount", "secret-store", environment)["metadata"].pop("annotations")


def declare(world: World, *permissions: Permission) -> None:
    """What no spec can say: the schema refuses it."""
    fleet = with_agent(world.fleet, "helper", permissions=permissions)
    other = World.of(fleet)
    world.fleet, world.objects = fleet, {"dev": other.objects["dev"], "prod": other.objects["prod"]}


def wildcard(world: World) -> None:
    declare(world, Permission(api_groups=("apps",), resources=("deployments/status",), verbs=("*",)))


def no_wildcard(world: World) -> None:
    declare(world, Permission(api_groups=("apps",), resources=("deployments/status",), verbs=("get",)))


def declares(group_: str, resource: str, verb: str) -> Any:
    def tamper(world: World) -> None:
        declare(world, Permission(api_groups=(group_,), resources=(resource,), verbs=(verb,)))

    return tamper


def bind_everywhere(world: World) -> None:
    reference = {"apiGroup": GROUP, "kind": "ClusterRole", "name": "view"}
    made = world.add("namespace", "ClusterRoleBinding", "all", roleRef=reference, subjects=[account("helper")])
    del made["metadata"]["namespace"]


def aggregate(label: str) -> Any:
    def tamper(world: World) -> None:
        made = world.add("namespace", "ClusterRole", "more", rules=[rule(["configmaps"], ["get"])])
        made["metadata"]["labels"] |= {f"{GROUP}/{label}": "true"}

    return tamper


def token_of(name: str) -> Any:
    """External Secrets may have a token for this ServiceAccount."""

    def tamper(world: World) -> None:
        world.the("Role", "secret-store-token")["rules"][0]["resourceNames"] = [name]

    return tamper


def tokens_of_two(world: World) -> None:
    world.add("namespace", "ServiceAccount", "spare", automountServiceAccountToken=False)
    world.the("Role", "secret-store-token")["rules"][0]["resourceNames"].append("spare")


def tokens_of_all(world: World) -> None:
    del world.the("Role", "secret-store-token")["rules"][0]["resourceNames"]


def mount(world: World, path: str) -> None:
    (container,) = world.pod("Deployment", "helper")["containers"]
    container["volumeMounts"].append({"name": "tmp", "mountPath": path})


def unbound(*names: str) -> Any:
    def tamper(world: World) -> None:
        for name in names:
            world.remove("RoleBinding", name)

    return tamper


def with_token_for(audience: str) -> Any:
    def tamper(world: World) -> None:
        source = {"serviceAccountToken": {"path": "token", "audience": audience}}
        world.pod("CronJob", "other-scan")["volumes"].append({"name": "token", "projected": {"sources": [source]}})

    return tamper


def run_as(account_: str) -> Any:
    def tamper(world: World) -> None:
        world.pod("CronJob", "other-scan")["serviceAccountName"] = account_

    return tamper


def pod_of(owner: str, world: World) -> Manifest:
    """A pod like those of the other agent, on its own."""
    spec = world.pod("CronJob", "other-scan")
    labels = world.objects["dev"][owner][-1]["metadata"]["labels"]
    metadata = {"name": "extra", "namespace": "fleet-dev", "labels": labels}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def annotated(account_: str, **annotations: str | None) -> Any:
    """The account with these annotations; without those that are None."""

    def tamper(world: World) -> None:
        found = world.the("ServiceAccount", account_)["metadata"].setdefault("annotations", {})
        found |= annotations
        for key in [key for key in found if found[key] is None]:
            del found[key]

    return tamper


def labels_of_pods(world: World, name: str) -> Manifest:
    found: Manifest = world.the("Deployment", name)["spec"]["template"]["metadata"]
    return found


def relabelled(owner: str, **labels_: str) -> Any:
    """Every object of an owner, and its templates."""

    def tamper(world: World) -> None:
        for manifest in world.objects["dev"][owner]:
            job = manifest["spec"]["jobTemplate"] if manifest["kind"] == "CronJob" else None
            for one in (manifest, *((job, job["spec"]["template"]) if job else ())):
                one["metadata"]["labels"] = one["metadata"]["labels"] | labels_

    return tamper


ROLE_ARN = "eks.amazonaws.com/role-arn"
GOOGLE = ("the annotation iam.gke.io/gcp-service-account: a@b",)
STORE = "secretStore:"
BOOKED = "costs are booked, and objects found, by what the spec says"

FAULTS_ = [
    Fault(
        rule="wildcard-permission",
        tamper=wildcard,
        at='- {apiGroups: [""], resources: [pods]',
        says=f"dev and prod: helper may do more than its rules name: '*' under verbs; {HINT}",
        fine_tamper=no_wildcard,
    ),
    Fault(
        rule="reads-secrets",
        lines=permission("secrets", "get, watch", mark="reads-secrets"),
        says=f"dev and prod: helper may get/watch secrets, and so read secrets that are not its own; {HINT}",
        fine=permission("secrets", "delete"),
    ),
    Fault(
        rule="reads-secrets",
        lines=permission("externalsecrets", "patch", "external-secrets.io", "reads-secrets"),
        says="dev and prod: helper may patch externalsecrets.external-secrets.io, "
        f"and so read secrets that are not its own; {HINT}",
        fine=permission("externalsecrets", "get", "external-secrets.io"),
    ),
    Fault(
        rule="reads-secrets",
        lines={
            "# in: helper": "environments:\n  dev:\n    permissions:\n"
            '      - {apiGroups: [""], resources: [pods], verbs: [get]}\n'
            '      - {apiGroups: [""], resources: [secrets], verbs: [list], resourceNames: [a]}  # E: reads-secrets'
        },
        says=f"dev: helper may list secrets, and so read secrets that are not its own; {HINT}",
        fine=permission("configmaps", "list"),
    ),
    *(
        Fault(
            rule="reads-secrets",
            lines={"# in: helper": own, **permission("secrets", "get", mark="reads-secrets", more=named)},
            says=f"dev and prod: helper may get secrets, and so read secrets that are not its own; {HINT}",
            fine={
                "# in: helper": "secrets: [github-token]",
                **permission("secrets", "get", more=", resourceNames: [helper]"),
            },
        )
        for own, named in (
            ("secrets: [github-token]", ", resourceNames: [helper, shared]"),
            ("secrets: [github-token]", ""),
            ("secrets: []", ", resourceNames: [helper]"),
        )
    ),
    *(
        Fault(
            rule="escalation",
            tamper=declares(group, resource, verb),
            at='- {apiGroups: [""], resources: [pods]',
            says=f"dev and prod: helper may {verb} {shown}, and so take rights that nobody gave it; {HINT}",
            fine_tamper=declares(group, fine, "get" if fine == resource else verb),
        )
        for group, resource, verb, shown, fine in (
            (GROUP, "roles", "bind", f"roles.{GROUP}", "roles"),
            (GROUP, "clusterroles", "escalate", f"clusterroles.{GROUP}", "configmaps"),
            ("", "serviceaccounts", "impersonate", "serviceaccounts", "pods"),
            ("", "users", "impersonate:user-info", "users", "users"),
            ("authentication.k8s.io", "userextras/scopes", "impersonate", EXTRA, "tokenreviews"),
        )
    ),
    *(
        Fault(
            rule="workload-escalation",
            lines=permission(resource, verb, group, "workload-escalation"),
            says=f"dev and prod: helper may {verb} {shown}, and so act as every ServiceAccount of the namespace"
            f"; {HINT}",
            fine=permission(resource, fine, group),
        )
        for resource, verb, group, shown, fine in (
            ("pods", "create", "", "pods", "delete"),
            ("pods/exec", "get", "", "pods/exec", "list"),
            ("pods/ephemeralcontainers", "patch", "", "pods/ephemeralcontainers", "get"),
            ("serviceaccounts/token", "create", "", "serviceaccounts/token", "get"),
            ("deployments", "update", "apps", "deployments.apps", "delete"),
            ("cronjobs", "patch", "batch", "cronjobs.batch", "delete"),
            ("workflows", "create", "argoproj.io", "workflows.argoproj.io", "delete"),
            ("pytorchjobs", "patch", "kubeflow.org", "pytorchjobs.kubeflow.org", "get"),
            ("services", "update", "serving.knative.dev", "services.serving.knative.dev", "list"),
        )
    ),
    # In dev they operate, in prod they view.
    Fault(
        rule="undeclared-permission",
        tamper=lambda world: give_team(world, rule(["pods/exec"], ["create"]), environment="prod"),
        at="prod:",
        says="prod: team ops may create pods/exec, which `teamAccess: view` does not give; take it out of the role",
        fine_tamper=lambda world: give_team(world, rule(["pods/exec"], ["create"])),
    ),
    Fault(
        rule="undeclared-permission",
        tamper=lambda world: world.the("Role", "operator")["rules"].append(
            rule(["persistentvolumeclaims", "configmaps"], ["delete", "get"])
        ),
        at="teamAccess:",
        says="dev: teams it and ops may delete persistentvolumeclaims, configmaps, which `teamAccess: operate` does "
        "not give; take it out of the role",
        fine_tamper=lambda world: world.the("Role", "operator")["rules"].append(rule(["configmaps"], ["get"])),
    ),
    Fault(
        rule="missing-permission",
        tamper=lambda world: world.remove("RoleBinding", "ops-view", "prod"),
        at="prod:",
        says="prod: team ops may not view the namespace, which `teamAccess: view` gives; "
        "bind the group of each to what it may do",
        fine_tamper=lambda world: world.the("RoleBinding", "ops-view", "prod")["metadata"].update(name="ops-look"),
    ),
    Fault(
        rule="missing-permission",
        tamper=unbound("ops-view", "ops-operate"),
        at="teamAccess:",
        says="dev: team ops may not view the namespace, delete pods, create pods/exec, pods/portforward, "
        "get/patch/update deployments.apps/scale and create/delete jobs.batch, which `teamAccess: operate` gives; "
        "bind the group of each to what it may do",
        fine_tamper=lambda world: world.the("RoleBinding", "ops-operate")["metadata"].update(name="ops-look"),
    ),
    # Every team is bound as the first one's group.
    Fault(
        rule="missing-permission",
        tamper=lambda world: world.the("RoleBinding", "it-view", "prod").update(subjects=[group("operators")]),
        at="prod:",
        says="prod: team it may not view the namespace, which `teamAccess: view` gives; "
        "bind the group of each to what it may do",
        fine_tamper=lambda world: world.the("RoleBinding", "it-view", "prod")["subjects"].append(group("operators")),
    ),
    Fault(
        rule="missing-permission",
        tamper=lambda world: world.remove("RoleBinding", "secret-store-token"),
        at="secretStore:",
        says="dev: External Secrets may not create serviceaccounts/token named secret-store, and so not read the "
        "store; bind it to a Role that lets it",
        fine_tamper=made_up_secrets,
    ),
    *(
        Fault(
            rule=danger,
            lines=permission(resource, verb, group, danger),
            says=f"dev and prod: helper may {verb} {resource}{group and '.'}{group}, and {so}; {HINT}",
            fine=permission(resource, fine, group),
        )
        for danger, resource, verb, group, so, fine in (
            ("reads-secrets", "secrets", "patch", "", "so read secrets that are not its own", "create"),
            (
                "reads-secrets",
                "pushsecrets",
                "create",
                "external-secrets.io",
                "so read secrets that are not its own",
                "get",
            ),
            ("weakens-guardrails", "networkpolicies", "delete", "networking.k8s.io", BOUNDS, "get"),
            ("weakens-guardrails", "ciliumnetworkpolicies", "create", "cilium.io", BOUNDS, "list"),
            ("weakens-guardrails", "resourcequotas", "patch", "", BOUNDS, "watch"),
            ("weakens-guardrails", "secretstores", "update", "external-secrets.io", BOUNDS, "get"),
            ("weakens-guardrails", "rolebindings", "create", GROUP, BOUNDS, "list"),
            ("bypasses-network", "services/proxy", "get", "", "so reach pods past every NetworkPolicy", "delete"),
            ("bypasses-network", "pods/portforward", "create", "", "so reach pods past every NetworkPolicy", "patch"),
            ("deletes-data", "persistentvolumeclaims", "delete", "", "with them what is on the volumes", "patch"),
        )
    ),
    Fault(
        rule="cluster-wide",
        lines=permission("nodes", "get", mark="cluster-wide"),
        says=f"dev and prod: helper may get nodes, which is in no namespace; {HINT}",
        fine=permission("namespaces", "get"),
    ),
    Fault(
        rule="cluster-wide",
        tamper=bind_everywhere,
        at="dev:",
        says="dev: ClusterRoleBinding all gives ServiceAccount helper of fleet-dev the ClusterRole view "
        "in every namespace; bind it by a RoleBinding",
        fine_tamper=lambda world: bind(world, "view", group("operators"), kind="ClusterRole"),
    ),
    Fault(
        rule="cluster-wide",
        tamper=aggregate("aggregate-to-edit"),
        at="dev:",
        says="dev: ClusterRole more adds its rules to 'edit', for everybody in the cluster; delete its label",
        fine_tamper=aggregate("aggregated-by-nobody"),
    ),
    Fault(
        rule="foreign-subject",
        tamper=lambda world: bind(world, "view", account("helper", "fleet-prod"), kind="ClusterRole"),
        at="dev:",
        says="dev: RoleBinding extra names the ServiceAccount helper of fleet-prod, which is of another namespace; "
        "name nobody from outside",
        fine_tamper=lambda world: bind(world, "view", group("it"), kind="ClusterRole"),
    ),
    *(
        Fault(
            rule="foreign-subject",
            tamper=tamper,
            at="dev:",
            says="dev: RoleBinding secret-store-token names the ServiceAccount external-secrets "
            "of external-secrets-system, which is of another namespace; name nobody from outside",
            fine_tamper=token_of("secret-store"),
        )
        for tamper in (token_of("helper"), token_of("nobody"), tokens_of_two, tokens_of_all)
    ),
    Fault(
        rule="foreign-subject",
        tamper=lambda world: bind(world, "view", group("auditors"), kind="ClusterRole"),
        at="dev:",
        says="dev: RoleBinding extra names the Group auditors, which is no team's; name nobody from outside",
        fine_tamper=lambda world: bind(world, "view", group("operators"), kind="ClusterRole"),
    ),
    Fault(
        rule="dangling-binding",
        tamper=lambda world: bind(world, "nothing", group("operators")),
        at="dev:",
        says="dev: RoleBinding extra gives Role nothing, and nothing says what that may do; bind a Role that is there",
        fine_tamper=lambda world: bind(world, "operator", group("operators")),
    ),
    Fault(
        rule="dangling-binding",
        tamper=lambda world: bind(world, "edit", group("operators"), kind="ClusterRole"),
        at="dev:",
        says="dev: RoleBinding extra gives ClusterRole edit, and nothing says what that may do; "
        "bind a Role that is there",
        fine_tamper=lambda world: bind(world, "view", group("operators"), kind="ClusterRole"),
    ),
    Fault(
        rule="dangling-binding",
        tamper=lambda world: bind(world, "helper", account("helpr"), owner="helper"),
        at="permissions:",
        says="dev: RoleBinding extra names the ServiceAccount helpr, which nothing makes; name one that is there",
        fine_tamper=lambda world: bind(world, "helper", account("helper"), owner="helper"),
    ),
    Fault(
        rule="undeclared-permission",
        tamper=lambda world: world.the("Role", "helper")["rules"].append(rule(["pods", "events"], ["get", "watch"])),
        at="permissions:",
        says="dev: helper may watch pods and get/watch events, which it does not declare; declare it, or drop it",
        fine_tamper=lambda world: world.the("Role", "helper")["rules"].append(rule(["pods"], ["list"])),
    ),
    Fault(
        rule="undeclared-permission",
        tamper=lambda world: bind(world, "helper", account("secret-store")),
        at="dev:",
        says="dev: ServiceAccount secret-store may get/list pods, and is no agent's; drop the binding",
        fine_tamper=lambda world: bind(world, "helper", account("helper")),
    ),
    Fault(
        rule="undeclared-permission",
        tamper=lambda world: bind(world, "helper", account("default")),
        at="dev:",
        says="dev: ServiceAccount default may get/list pods, and is no agent's; drop the binding",
        fine_tamper=lambda world: bind(world, "helper", account("helper")),
    ),
    Fault(
        rule="missing-permission",
        tamper=lambda world: world.the("Role", "helper")["rules"][0].update(resourceNames=["one"]),
        at="permissions:",
        says="dev: helper declares that it may get/list pods, and no binding lets it; bind its Role",
        fine_tamper=lambda world: world.the("Role", "helper").update(
            rules=[rule(["pods"], ["list"]), rule(["pods"], ["get"])]
        ),
    ),
    Fault(
        rule="token-mounted",
        tamper=lambda world: world.pod("CronJob", "other-scan").update(automountServiceAccountToken=True),
        at="other:",
        says="dev: CronJob other-scan mounts the token of other, which may do nothing; "
        "set automountServiceAccountToken to false, and project no token but a cloud's",
        # What the pod leaves open, its ServiceAccount says.
        fine_tamper=lambda world: world.pod("CronJob", "other-scan").pop("automountServiceAccountToken"),
    ),
    Fault(
        rule="token-mounted",
        tamper=lambda world: world.pod("CronJob", "other-scan")["volumes"].append(projected()),
        at="other:",
        says="dev: CronJob other-scan mounts the token of other, which may do nothing; "
        "set automountServiceAccountToken to false, and project no token but a cloud's",
        fine_tamper=lambda world: world.pod("CronJob", "other-scan")["volumes"].append(
            projected(audience="sts.amazonaws.com")
        ),
    ),
    Fault(
        rule="token-mounted",
        tamper=lambda world: world.pod("Deployment", "helper").update(automountServiceAccountToken=False),
        at="permissions:",
        says="dev: Deployment helper mounts no token, and helper has permissions; "
        "set automountServiceAccountToken to true, and mount nothing else in the token's place",
        fine_tamper=lambda world: world.the("ServiceAccount", "helper").update(automountServiceAccountToken=True),
    ),
    *(
        Fault(
            rule="token-mounted",
            tamper=with_token_for(one),
            at="other:",
            says="dev: CronJob other-scan mounts the token of other, which may do nothing; "
            "set automountServiceAccountToken to false, and project no token but a cloud's",
            fine_tamper=with_token_for(fine),
        )
        for one, fine in (
            ("https://kubernetes.default.svc", "api://AzureADTokenExchange"),
            ("", "project.svc.id.goog"),
        )
    ),
    Fault(
        rule="token-mounted",
        tamper=lambda world: mount(world, "/var/run/secrets/kubernetes.io/serviceaccount"),
        at="permissions:",
        says="dev: Deployment helper mounts no token, and helper has permissions; "
        "set automountServiceAccountToken to true, and mount nothing else in the token's place",
        fine_tamper=lambda world: mount(world, "/var/run/secrets/example.com/serviceaccount"),
    ),
    Fault(
        rule="account-missing",
        tamper=lambda world: world.pod("CronJob", "other-scan").pop("serviceAccountName"),
        at="other:",
        says="dev: CronJob other-scan runs as the ServiceAccount default, which nothing makes; give it one of its own",
        # The older name of the field.
        fine_tamper=lambda world: world.pod("CronJob", "other-scan").update(
            serviceAccount=world.pod("CronJob", "other-scan").pop("serviceAccountName")
        ),
    ),
    *(
        Fault(
            rule="foreign-account",
            tamper=run_as(other),
            at="other:",
            says=f"dev: CronJob other-scan runs as the ServiceAccount {other}, which is not that of other; "
            "an account's rights and cloud identity are for its own agent: run it as that",
            fine_tamper=run_as("other"),
        )
        for other in ("secret-store", "helper")
    ),
    Fault(
        rule="foreign-account",
        tamper=lambda world: world.objects["dev"]["namespace"].append(pod_of("namespace", world)),
        at="dev:",
        says="dev: Pod extra runs as the ServiceAccount other, which is for no pod; "
        "an account's rights and cloud identity are for its own agent: run it as that",
        fine_tamper=lambda world: world.objects["dev"]["other"].append(pod_of("other", world)),
    ),
    *(
        Fault(
            rule="identity-differs",
            tamper=annotated(account, **tampered),
            at=at,
            says=f"dev: ServiceAccount {account} has {has}, and the spec declares {says}; "
            "each account has the identity that is declared for it, and no other",
            fine_tamper=annotated(account, **fine),
        )
        for account, tampered, at, has, says, fine in (
            (
                "other",
                {ROLE_ARN: "admin"},
                "other:",
                f"the annotation {ROLE_ARN}: admin",
                "none",
                {"example.com/x": "y"},
            ),
            ("other", {"iam.gke.io/gcp-service-account": "a@b"}, "other:", *GOOGLE, "none", {"iam.example/x": "y"}),
            ("secret-store", {ROLE_ARN: "admin"}, STORE, f"the annotation {ROLE_ARN}: admin", "arn", {ROLE_ARN: "arn"}),
            ("secret-store", {ROLE_ARN: None}, STORE, f"no annotation {ROLE_ARN}", "arn", {ROLE_ARN: "arn"}),
        )
    ),
    Fault(
        rule="identity-differs",
        lines={"# in: other": "identity: arn:other  # E: identity-differs"},
        tamper=annotated("other", **{ROLE_ARN: "arn:helper"}),
        says=f"dev: ServiceAccount other has the annotation {ROLE_ARN}: arn:helper, and the spec declares arn:other; "
        "each account has the identity that is declared for it, and no other",
        fine={"# in: other": "identity: arn:other"},
    ),
    Fault(
        rule="identity-differs",
        tamper=lambda world: labels_of_pods(world, "helper")["labels"].update({"azure.workload.identity/use": "true"}),
        at="helper:",
        says="dev: a pod of Deployment helper has the label azure.workload.identity/use: true, and the spec declares "
        "none; each account has the identity that is declared for it, and no other",
        fine_tamper=lambda world: labels_of_pods(world, "helper")["labels"].update({"azure.example.com/use": "true"}),
    ),
    Fault(
        rule="label-differs",
        tamper=lambda world: labels_of_pods(world, "helper")["labels"].update({"cost-center": "other"}),
        at="costCenter:",
        says="dev: a pod of Deployment helper has the label cost-center: other, and the spec says it; " + BOOKED,
        fine_tamper=lambda world: labels_of_pods(world, "helper")["labels"].update({"cost": "other"}),
    ),
    Fault(
        rule="label-differs",
        tamper=relabelled("other", team="ops"),
        at="team: it",
        says="dev: ServiceAccount other and 5 more of other have the label team: ops, and the spec says it; " + BOOKED,
        fine_tamper=relabelled("other", squad="ops"),
    ),
    Fault(
        rule="label-differs",
        tamper=relabelled("namespace", tier="3"),
        at="dev:",
        says="dev: Namespace fleet-dev and 12 more of namespace have the label tier: 3, and the spec says shared; "
        + BOOKED,
        fine_tamper=relabelled("namespace", level="3"),
    ),
    Fault(
        rule="label-differs",
        tamper=lambda world: world.the("CronJob")["spec"]["jobTemplate"]["metadata"]["labels"].pop("app"),
        at="other:",
        says="dev: a job of CronJob other-scan has no label app, and the spec says other; " + BOOKED,
        fine_tamper=lambda world: world.the("CronJob")["spec"]["jobTemplate"]["metadata"].update(annotations={}),
    ),
]


def by_rule(fault: Fault) -> str:
    return fault.rule


def projected(**token: str) -> Manifest:
    return {"name": "token", "projected": {"sources": [{"serviceAccountToken": {"path": "token", **token}}]}}


def judged(text: str, folder: Path, fault: Fault | None = None, *, fine: bool = False) -> list[Problem]:
    tamper = (fault.fine_tamper if fine else fault.tamper) if fault else None
    return proved(access, text, folder, tamper)[1]


def test_the_sound_fleet_is_sound(tmp_path: Path) -> None:
    assert judged(SOUND, tmp_path) == []


@pytest.mark.parametrize("fault", FAULTS_, ids=by_rule)
def test_one_fault_is_found_at_the_line_that_causes_it_in_these_words(fault: Fault, tmp_path: Path) -> None:
    text = marked(changed(SOUND, fault.lines), fault)
    problems = judged(text, tmp_path, fault)
    assert "\n".join(str(problem).partition("]: ")[2] for problem in problems) == "\n".join(
        sorted(fault.says.split("\n"))
    )
    assert set(lines_and_rules(problems)) == set(expected_in(text))
    assert {problem.rule for problem in problems} == {fault.rule}


@pytest.mark.parametrize("fault", FAULTS_, ids=by_rule)
def test_the_neighbour_of_a_fault_passes(fault: Fault, tmp_path: Path) -> None:
    assert fault.fine or fault.fine_tamper
    assert [str(problem) for problem in judged(changed(SOUND, fault.fine), tmp_path, fault, fine=True)] == []


def test_every_rule_is_broken_by_a_case() -> None:
    assert {fault.rule for fault in FAULTS_} == rules_of(Path(access.__file__).parent)


def test_the_groups_of_kubernetes_itself_are_no_teams(tmp_path: Path) -> None:
    """A rule of the spec refuses them; should one get past it, this proof does not trust it."""
    world, _ = read(SOUND, tmp_path)
    group = "system:serviceaccounts"
    world.objects = json.loads(json.dumps(world.objects).replace('"operators"', f'"{group}"'))
    namespaces = {
        one.name: replace(
            one.namespace, teams=tuple(replace(team, group=group) if team.name == "ops" else team for team in teams)
        )
        for one in world.fleet.environments
        if (teams := one.namespace.teams)
    }
    world.fleet = replace(
        world.fleet,
        environments=tuple(replace(one, namespace=namespaces[one.name]) for one in world.fleet.environments),
    )
    found = {finding.message.partition(": ")[2] for finding in access.prove(world.evidence()).findings}
    # Every agent is in it, and what that gives each of them is not told again.
    assert found == {
        f"RoleBinding ops-{access_} names the Group {group}, which is no team's" for access_ in ("view", "operate")
    }


def test_two_dangerous_permissions_are_two_findings(tmp_path: Path) -> None:
    lines = [
        permission("secrets", "get", mark="reads-secrets"),
        permission("pods", "patch", mark="workload-escalation"),
    ]
    both = {"# in: permissions": "\n".join(line["# in: permissions"] for line in lines)}
    text = changed(SOUND, both)
    assert lines_and_rules(judged(text, tmp_path)) == expected_in(text)


# -------------------------------------------------------------------------------------------------------------- waivers

READS = permission("secrets", "get")


def waiver(**changes: Any) -> Waiver:
    given = {"rule": "reads-secrets", "reason": "migration", "owner": "ann", "until": "2026-11-23", "agent": "helper"}
    return Waiver(**given | changes)


def waived(folder: Path, one: Waiver, today: date = TODAY) -> AccessReport:
    world, _ = read(changed(SOUND, READS), folder)
    world.fleet = replace(world.fleet, waivers=(one,))
    return access.prove(world.evidence(today))


@pytest.mark.parametrize("changes", [{}, {"agent": None, "tier": "3"}, {"agent": None, "team": "ops"}])
def test_a_waiver_lets_a_permission_be_to_the_end_of_its_day(changes: dict[str, Any], tmp_path: Path) -> None:
    report = waived(tmp_path, waiver(**changes))
    assert report.findings == ()
    assert {waived.finding.message for waived in report.waived} == {
        "dev and prod: helper may get secrets, and so read secrets that are not its own"
    }
    (shown,) = report.as_json()["waived"]
    assert (shown["reason"], shown["owner"], shown["until"]) == ("migration", "ann", "2026-11-23")


def test_a_waiver_that_has_ended_waives_nothing_and_is_named(tmp_path: Path) -> None:
    report = waived(tmp_path, waiver(), date(2026, 11, 24))
    assert report.waived == ()
    assert {finding.message for finding in report.findings} == {
        "dev and prod: helper may get secrets, and so read secrets that are not its own "
        "(its waiver ended on 2026-11-23)"
    }


@pytest.mark.parametrize(
    "changes", [{"rule": "escalation"}, {"agent": "other"}, {"team": "it"}, {"agent": None}, {"environment": "test"}]
)
def test_the_waiver_of_another_waives_nothing(changes: dict[str, Any], tmp_path: Path) -> None:
    assert waived(tmp_path, waiver(**changes)).findings


def test_a_waiver_for_one_environment_leaves_the_others(tmp_path: Path) -> None:
    report = waived(tmp_path, waiver(environment="dev"))
    assert [finding.message.partition(": ")[0] for finding in report.findings] == ["prod"]


def test_nothing_waives_a_binding_for_the_whole_cluster() -> None:
    world = world_of("access")
    bind_everywhere(world)
    world.fleet = replace(world.fleet, waivers=(waiver(rule="cluster-wide"),))
    assert [finding.rule for finding in access.prove(world.evidence()).findings] == ["cluster-wide"]


# ----------------------------------------------------------------------------------------------------------- the report


def test_the_report_says_who_may_do_what() -> None:
    report = access.prove(world_of("access").evidence())
    dev = report.environments[0]
    shown = {
        str(one.subject): [
            str(rule)
            for binding in one.bindings
            if binding.role and not binding.role.built_in
            for rule in binding.role.rules
        ]
        for one in dev.subjects
    }
    operator = [
        "delete pods",
        "create pods/exec, pods/portforward",
        "get, patch, update deployments.apps/scale",
        "create, delete jobs.batch",
    ]
    assert shown == {
        "Group it": operator,
        "Group operators": operator,
        "ServiceAccount external-secrets of external-secrets-system": [
            "create serviceaccounts/token named secret-store"
        ],
        "ServiceAccount helper of fleet-dev": ["get, list pods"],
        "ServiceAccount other of fleet-dev": [],
        "ServiceAccount secret-store of fleet-dev": [],
    }
    assert {one.agent: one.mounts_token for one in dev.subjects if one.agent} == {"helper": True, "other": False}
    assert {one.subject.name: one.teams for one in dev.subjects if one.teams} == {"operators": ("ops",), "it": ("it",)}


def test_view_shows_no_secret_and_changes_nothing() -> None:
    (view,) = {
        binding.role
        for environment in access.prove(world_of("access").evidence()).environments
        for one in environment.subjects
        for binding in one.bindings
        if binding.role and binding.role.built_in
    }
    assert not any("secrets" in rule.resources or set(rule.verbs) - set(rbac.READ) for rule in view.rules)
    assert any(rule.touches("get", "", "pods/log") for rule in view.rules)


def test_the_shipped_fleet_passes_and_its_json_is_as_its_schema_says() -> None:
    for world in (World.of(fleet_at(REFERENCE)), world_of("access")):
        report = access.prove(world.evidence())
        assert report.findings == ()
        jsonschema.validate(report.as_json() | {"findings": []}, SCHEMA)
    broken = world_of("access")
    bind_everywhere(broken)
    jsonschema.validate(access.prove(broken.evidence()).as_json() | {"findings": []}, SCHEMA)


def test_the_schema_describes_every_field() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert list(undescribed(SCHEMA)) == []


def test_the_command_prints_and_fails(tmp_path: Path) -> None:
    spec = tmp_path / "agents.yaml"
    spec.write_text(changed(SOUND, READS))
    run = kustodian("access", "--spec", spec)
    assert run.returncode == 1
    assert run.stdout.splitlines()[0].split() == ["Who", "May", "What", "In"]
    assert "agent helper get secrets dev, prod".split() in [line.split() for line in run.stdout.splitlines()]
    assert run.stderr.splitlines()[1:] == ["1 problem"]
    page = kustodian("access", "--spec", spec, "--format", "markdown").stdout
    assert "| agent helper | get | secrets | dev, prod |" in page


# ------------------------------------------------------------------------------------ against an evaluator, one by one

VERBS = ("get", "list", "create", "delete", "escalate")
GROUPS = ("", "apps")
RESOURCES = ("pods", "pods/log", "secrets", "deployments", "deployments/scale")
NAMES = ("", "a", "b")
ACCOUNTS = ("one", "two")

_some = st.lists
rules = st.fixed_dictionaries(
    {
        "apiGroups": _some(st.sampled_from((*GROUPS, "*")), min_size=1, max_size=2),
        "resources": _some(st.sampled_from((*RESOURCES, "*", "*/log", "*/scale", "pods/*")), min_size=1, max_size=3),
        "verbs": _some(st.sampled_from((*VERBS, "*")), min_size=1, max_size=3),
    },
    optional={"resourceNames": _some(st.sampled_from(("a", "b")), max_size=2)},
)
labels = st.dictionaries(st.sampled_from("xyz"), st.sampled_from("12"), max_size=2)
# A label that no built-in role has: what selects those selects more than any output can show.
selectors = st.fixed_dictionaries(
    {"matchLabels": st.dictionaries(st.sampled_from("xyz"), st.sampled_from("12"), min_size=1, max_size=2)},
    optional={
        "matchExpressions": _some(
            st.fixed_dictionaries(
                {
                    "key": st.sampled_from("xyz"),
                    "operator": st.sampled_from(("In", "NotIn", "Exists", "DoesNotExist")),
                    "values": st.just(["1"]),
                }
            ),
            max_size=1,
        ),
    },
)
roles_ = st.fixed_dictionaries(
    {"kind": st.sampled_from(("Role", "ClusterRole")), "name": st.sampled_from("pq"), "labels": labels},
    optional={"rules": _some(rules, max_size=2), "selectors": _some(selectors, min_size=1, max_size=2)},
)
subjects = st.sampled_from(
    (
        *(account(name, "here") for name in ACCOUNTS),
        account("one", "elsewhere"),
        group("system:serviceaccounts"),
        group("system:serviceaccounts:here"),
        group("system:serviceaccounts:elsewhere"),
        group("one"),
    )
)
bindings_ = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(("RoleBinding", "ClusterRoleBinding")),
        "of": st.sampled_from(("Role", "ClusterRole")),
        "name": st.sampled_from("pq"),
        "subjects": _some(subjects, max_size=2),
    }
)


def _compiled(roles: Iterable[Manifest], bindings: Iterable[Manifest]) -> Compiled:
    objects: dict[tuple[str, str], Manifest] = {}
    for one in roles:
        metadata: Manifest = {"name": one["name"], "labels": one["labels"]}
        made: Manifest = {"kind": one["kind"], "metadata": metadata, "rules": one.get("rules", [])}
        if one["kind"] == "Role":
            metadata["namespace"] = "here"
        elif "selectors" in one:
            made["aggregationRule"] = {"clusterRoleSelectors": one["selectors"]}
        objects[one["kind"], one["name"]] = made
    made_bindings = []
    for index, one in enumerate(bindings):
        kind = one["of"] if one["kind"] == "RoleBinding" else "ClusterRole"
        metadata = {"name": str(index)} | ({"namespace": "here"} if one["kind"] == "RoleBinding" else {})
        reference = {"kind": kind, "name": one["name"]}
        made_bindings.append(
            {"kind": one["kind"], "metadata": metadata, "roleRef": reference, "subjects": one["subjects"]}
        )
    return Compiled(environment="dev", namespace="here", objects={"all": [*objects.values(), *made_bindings]})


def _may(compiled: Compiled, account_: str, request: tuple[str, str, str, str]) -> bool:
    """The API server's question, answered from its definition: some rule of some role of some binding allows it."""
    manifests = compiled.objects["all"]
    groups = {"system:serviceaccounts", "system:serviceaccounts:here", "system:authenticated"}
    for binding in manifests:
        if not binding["kind"].endswith("Binding"):
            continue
        named = any(
            (one["kind"] == "ServiceAccount" and (one["name"], one["namespace"]) == (account_, "here"))
            or (one["kind"] == "Group" and one["name"] in groups)
            for one in binding["subjects"]
        )
        reference = binding["roleRef"]
        found = [
            one for one in manifests if (one["kind"], one["metadata"]["name"]) == (reference["kind"], reference["name"])
        ]
        if named and found and any(_rule_allows(one, *request) for one in _rules_of(found[0], manifests, ())):
            return True
    return False


def _rules_of(role_: Manifest, manifests: list[Manifest], above: tuple[str, ...]) -> list[Manifest]:
    if "aggregationRule" not in role_:
        return list(role_["rules"])
    if role_["metadata"]["name"] in above:
        return []
    found = []
    for other in manifests:
        if other["kind"] == "ClusterRole" and any(
            _chosen(selector, other["metadata"]["labels"])
            for selector in role_["aggregationRule"]["clusterRoleSelectors"]
        ):
            found += _rules_of(other, manifests, (*above, role_["metadata"]["name"]))
    return found


def _chosen(selector: Manifest, own: Mapping[str, str]) -> bool:
    for key, value in selector.get("matchLabels", {}).items():
        if key not in own or own[key] != value:
            return False
    for one in selector.get("matchExpressions", []):
        has, inside = one["key"] in own, own.get(one["key"]) in one["values"]
        meets = {"In": has and inside, "NotIn": not (has and inside), "Exists": has, "DoesNotExist": not has}
        if not meets[one["operator"]]:
            return False
    return True


def _rule_allows(one: Manifest, verb: str, group_: str, resource: str, name: str) -> bool:
    base, _, part = resource.partition("/")
    matches = any(
        written in ("*", resource) or (part and written.startswith("*/") and written[2:] == part)
        for written in one["resources"]
    )
    named = not one.get("resourceNames") or name in one["resourceNames"]
    return bool(
        base
        and matches
        and named
        and ("*" in one["verbs"] or verb in one["verbs"])
        and ("*" in one["apiGroups"] or group_ in one["apiGroups"])
    )


@pytest.mark.parametrize(
    ("written", "request_", "allowed"),
    [
        ({}, ("get", "", "pods", "a"), True),
        ({"verbs": ("*",)}, ("escalate", "", "pods", "a"), True),
        ({"groups": ("apps",)}, ("get", "", "pods", "a"), False),
        ({"resources": ("*",)}, ("get", "", "pods/log", "a"), True),
        ({"resources": ("pods",)}, ("get", "", "pods/log", "a"), False),
        ({"resources": ("*/log",)}, ("get", "", "pods/log", "a"), True),
        ({"resources": ("*/log",)}, ("get", "", "pods", "a"), False),
        ({"resources": ("pods/*",)}, ("get", "", "pods/log", "a"), False),
        ({"names": ("a",)}, ("get", "", "pods", "a"), True),
        ({"names": ("a",)}, ("get", "", "pods", "b"), False),
        ({"names": ("a",)}, ("get", "", "pods", ""), False),
    ],
)
def test_what_one_rule_allows(written: dict[str, Any], request_: tuple[str, str, str, str], allowed: bool) -> None:
    one = rbac.Rule(**{"groups": ("",), "resources": ("pods",), "verbs": ("get",)} | written)
    assert one.allows(*request_) is allowed


# Few names, so that most bindings have a role and most roles a binding.
@settings(max_examples=300 * MORE)
@given(st.lists(roles_, max_size=4), st.lists(bindings_, max_size=3))
def test_who_may_do_what_is_what_the_api_server_would_answer(roles: list[Manifest], bindings: list[Manifest]) -> None:
    compiled = _compiled(roles, bindings)
    by_subject = rbac.by_subject(rbac.bindings(compiled))
    for name in ACCOUNTS:
        found = rbac.of_account(Subject(kind="ServiceAccount", name=name, namespace="here"), by_subject)
        held = [rule for binding in found if binding.role for rule in binding.role.rules]
        for verb, group_, resource, of in product(VERBS, GROUPS, RESOURCES, NAMES):
            ours = any(rule.allows(verb, group_, resource, of) for rule in held)
            assert ours == _may(compiled, name, (verb, group_, resource, of)), (name, verb, group_, resource, of)


@settings(max_examples=150 * MORE)
@given(st.lists(rules, max_size=3), st.lists(rules, max_size=3))
def test_what_is_said_to_be_more_is_more(given_: list[Manifest], asked: list[Manifest]) -> None:
    """Nothing beyond means that nothing is allowed which is not asked for; the reverse only where nothing overlaps."""
    ours, theirs = ([_read_rule(one) for one in side] for side in (given_, asked))
    if not list(rbac.beyond(ours, theirs)):
        for request in product(VERBS, GROUPS, RESOURCES, NAMES):
            if any(_rule_allows(one, *request) for one in given_):
                assert any(_rule_allows(one, *request) for one in asked), request
    assert list(rbac.beyond(ours, ours)) == []


def _read_rule(one: Manifest) -> rbac.Rule:
    return rbac.Rule(
        groups=tuple(one["apiGroups"]),
        resources=tuple(one["resources"]),
        verbs=tuple(one["verbs"]),
        names=tuple(one.get("resourceNames", ())),
    )
