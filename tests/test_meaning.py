"""What Kubernetes would refuse or misunderstand, whatever the schemas say: held on every fleet that the tests know.

These say what a manifest must mean without asking the builders, which `meant` and the goldens do.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from generator.compiled import Compiled, applications, environments
from generator.model import Fleet
from generator.problems import Stop
from tests.strategies import Spec, specs
from tests.support import MORE, REFERENCE, ROOT, as_yaml, fleet_at

Manifest = dict[str, Any]
FLEETS = [REFERENCE, *sorted((ROOT / "tests" / "golden").glob("*/agents.yaml"))]


@pytest.mark.parametrize("spec", FLEETS, ids=lambda path: path.parent.name)
def test_known_fleets(spec: Path) -> None:
    hold(fleet_at(spec))


@settings(max_examples=60 * MORE, suppress_health_check=list(HealthCheck))
@given(spec=specs())
def test_random_fleets(spec: Spec) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "agents.yaml"
        file.write_text(as_yaml(spec), encoding="utf-8")
        try:
            fleet = fleet_at(file)
        except Stop:
            assume(False)
    hold(fleet)


def hold(fleet: Fleet) -> None:
    for compiled in environments(fleet):
        objects = {(m["kind"], m["metadata"]["name"]): m for ms in compiled.objects.values() for m in ms}
        assert len(objects) == sum(map(len, compiled.objects.values())), "two objects of one kind and name"
        for _, manifest in compiled.of_kind("Deployment", "CronJob"):
            hold_pod(manifest, objects)
        for _, manifest in compiled.of_kind("Service"):
            hold_service(manifest, compiled)
        for _, manifest in compiled.of_kind("NetworkPolicy"):
            hold_policy(manifest)
        for _, manifest in compiled.of_kind("HorizontalPodAutoscaler"):
            assert 1 <= manifest["spec"]["minReplicas"] < manifest["spec"]["maxReplicas"]
            assert "replicas" not in objects["Deployment", manifest["spec"]["scaleTargetRef"]["name"]]["spec"]
        for _, manifest in compiled.of_kind("PodDisruptionBudget"):
            assert selected(manifest["spec"]["selector"]["matchLabels"], compiled) == 1
    hold_applications(fleet)


def pod_template(manifest: Manifest) -> Manifest:
    spec = manifest["spec"]
    template: Manifest = (spec["jobTemplate"]["spec"] if manifest["kind"] == "CronJob" else spec)["template"]
    return template


def hold_pod(manifest: Manifest, objects: dict[tuple[str, str], Manifest]) -> None:
    template = pod_template(manifest)
    pod = template["spec"]
    if manifest["kind"] == "Deployment":
        selector = manifest["spec"]["selector"]["matchLabels"]
        assert selector.items() <= template["metadata"]["labels"].items(), "the selector misses its own pods"
        assert not {"tier", "team", "framework-version", "environment"} & selector.keys(), "a selector can never change"
        for constraint in pod["topologySpreadConstraints"]:
            assert constraint["labelSelector"]["matchLabels"] == selector
    else:
        assert manifest["spec"]["timeZone"]
        assert manifest["spec"]["concurrencyPolicy"] == "Forbid"
        assert pod["restartPolicy"] == "Never"
        spec = manifest["spec"]["jobTemplate"]["spec"]
        assert spec["activeDeadlineSeconds"] > 0
        assert spec["ttlSecondsAfterFinished"] >= 0
        assert 0 <= spec["backoffLimit"] <= 10
    assert ("ServiceAccount", pod["serviceAccountName"]) in objects
    volumes = unique(volume["name"] for volume in pod["volumes"])
    for volume in pod["volumes"]:
        claim = volume.get("persistentVolumeClaim")
        assert not claim or ("PersistentVolumeClaim", claim["claimName"]) in objects
    for container in pod["containers"]:
        hold_container(container, volumes, objects)
        period = container.get("startupProbe", {}).get("periodSeconds", 1)
        assert container.get("startupProbe", {}).get("failureThreshold", 1) * period >= period


def hold_container(container: Manifest, volumes: set[str], objects: dict[tuple[str, str], Manifest]) -> None:
    variables = unique(variable["name"] for variable in container["env"])
    assert {mount["name"] for mount in container["volumeMounts"]} == volumes
    unique(mount["mountPath"] for mount in container["volumeMounts"])
    ports = unique(port["name"] for port in container.get("ports", ()))
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container.get(probe, {"httpGet": {"port": "http"}})["httpGet"]["port"] in ports or not ports - {
            "metrics"
        }
    for source in container["envFrom"]:
        assert not objects["ConfigMap", source["configMapRef"]["name"]]["data"].keys() & variables, "a dead setting"
    for variable in container["env"]:
        secret = variable.get("valueFrom", {}).get("secretKeyRef")
        if secret:
            fetched = objects["ExternalSecret", secret["name"]]["spec"]
            assert fetched["target"]["name"] == secret["name"]
            assert secret["key"] in {item["secretKey"] for item in fetched["data"]}


def hold_service(manifest: Manifest, compiled: Compiled) -> None:
    assert selected(manifest["spec"]["selector"], compiled) == 1, "a Service stands before exactly one Deployment"
    [deployment] = [
        m for owner, m in compiled.of_kind("Deployment") if m["metadata"]["name"] == manifest["metadata"]["name"]
    ]
    names = {
        port["name"] for container in pod_template(deployment)["spec"]["containers"] for port in container["ports"]
    }
    assert all(port["targetPort"] in names for port in manifest["spec"]["ports"])


def selected(labels: dict[str, str], compiled: Compiled) -> int:
    templates = (pod_template(manifest) for _, manifest in compiled.of_kind("Deployment", "CronJob"))
    return sum(labels.items() <= template["metadata"]["labels"].items() for template in templates)


def hold_policy(manifest: Manifest) -> None:
    spec = manifest["spec"]
    assert set(spec["policyTypes"]) >= {direction.title() for direction in ("ingress", "egress") if direction in spec}
    if manifest["metadata"]["name"] not in ("default-deny", "allow-dns"):
        assert spec["policyTypes"] == ["Ingress", "Egress"]
        assert spec["podSelector"]["matchLabels"], "an agent's policy is for its own pods"
    for rule in (*spec.get("ingress", ()), *spec.get("egress", ())):
        assert rule.get("ports"), "a rule without ports opens them all"
        assert rule.get("from") or rule.get("to"), "a rule without peers opens to all"
        for peer in rule.get("to", ()):
            block = peer.get("ipBlock", {})
            if block.get("cidr") == "0.0.0.0/0":
                assert {"169.254.0.0/16", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"} <= set(block["except"])


def hold_applications(fleet: Fleet) -> None:
    made = applications(fleet)
    unique((m["kind"], m["metadata"]["name"]) for m in made)
    projects = {m["metadata"]["name"]: m["spec"] for m in made if m["kind"] == "AppProject"}
    for application in (m for m in made if m["kind"] == "Application"):
        spec, name = application["spec"], application["metadata"]["name"]
        assert spec["source"]["repoURL"] in projects[spec["project"]]["sourceRepos"]
        assert spec["destination"] in projects[spec["project"]]["destinations"]
        paths = application["metadata"]["annotations"]["argocd.argoproj.io/manifest-generate-paths"].split(";")
        assert "/" + spec["source"]["path"] == paths[0]
        is_agent = spec["source"]["path"].rpartition("/")[2] not in ("namespace", "argocd")
        assert ("finalizers" in application["metadata"]) is is_agent, name
    for environment in fleet.environments:
        by_person = {a.name for a in environment.agents if environment.sync == "manual"}
        if environment.sync == "byTier":
            by_person = {a.name for a in environment.agents if fleet.tiers[a.tier].approval}
        for application in made:
            if (
                application["metadata"]["labels"].get("environment") == environment.name
                and "source" in application["spec"]
            ):
                owner = application["spec"]["source"]["path"].rpartition("/")[2]
                expected = environment.sync != "manual" if owner == "namespace" else owner not in by_person
                assert application["spec"]["syncPolicy"]["automated"]["enabled"] is expected


def unique(values: Iterator[Any]) -> set[Any]:
    listed = list(values)
    assert len(listed) == len(set(listed)), f"twice in {listed}"
    return set(listed)
