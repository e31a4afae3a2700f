"""Real edits of the shipped fleet, each as a person would make it: what `kustodian plan` is tried on."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from generator import disk, emit, tree
from tests.support import fleet_at

Edit = Callable[[Path], None]

RELEASE_AGENT = """
  release-agent:
    description: Release notes from merged pull requests
    tier: 4
    team: architecture
    costCenter: architecture
    image: ghcr.io/example/release-agent:1.0.0
    resources: {requests: {cpu: 250m, memory: 512Mi}, limits: {cpu: 1, memory: 2Gi}}
    service: {replicas: {min: 1, max: 2}}
    secrets: [github-token]
    talksTo: [telemetry, {host: api.github.com, port: 443}]
    budget: {infra: 15, ai: 10}
"""
QA = """  qa:
    maxReplicas: 1
    rollout: {maxSurge: 0, maxUnavailable: 1}
    domain: qa.agents.example.com
    secretStore: {identity: "arn:aws:iam::111122223333:role/ai-agents-qa-secrets"}
    quota: {requests: {cpu: 16, memory: 32Gi}, limits: {cpu: 32, memory: 64Gi}, volumes: 15, loadBalancers: 3}
"""


def generate(root: Path) -> None:
    """What `kustodian generate` writes, proofs left aside."""
    fleet = fleet_at(root / "spec" / "agents.yaml")
    files = ((path, emit.documents(documents, disk.HEADER)) for path, documents in tree.files(fleet))
    disk.apply(root, disk.compare(root, files, tree.FOLDERS))


def changed(*replacements: tuple[str, str]) -> Edit:
    """Replace each text, which must stand there once, and generate."""

    def edit(root: Path) -> None:
        spec = root / "spec" / "agents.yaml"
        text = spec.read_text(encoding="utf-8")
        for old, new in replacements:
            assert text.count(old) == 1, f"{text.count(old)} times: {old}"
            text = text.replace(old, new)
        spec.write_text(text, encoding="utf-8")
        generate(root)

    return edit


def appended(block: str) -> Edit:
    def edit(root: Path) -> None:
        spec = root / "spec" / "agents.yaml"
        spec.write_text(spec.read_text(encoding="utf-8") + block, encoding="utf-8")
        generate(root)

    return edit


def in_files(pattern: str, old: str, new: str) -> Edit:
    """Another version of the compiler would have written this: the files differ, the spec does not."""

    def edit(root: Path) -> None:
        count = 0
        for file in sorted(root.glob(pattern)):
            text = file.read_text(encoding="utf-8")
            count += old in text
            file.write_text(text.replace(old, new), encoding="utf-8")
        assert count, f"{old} stands in no file of {pattern}"

    return edit


def without_agent(name: str) -> Edit:
    def edit(root: Path) -> None:
        spec = root / "spec" / "agents.yaml"
        text = spec.read_text(encoding="utf-8")
        block = re.compile(rf"^  {name}:\n(?:    .*\n|\n)*", re.MULTILINE)
        assert len(block.findall(text)) == 1
        spec.write_text(block.sub("", text), encoding="utf-8")
        generate(root)

    return edit


IT_OPS_PROD = "      prod: {service: {replicas: {min: 2}}}\n\n  ai-agent"
OPENAI = "{host: api.openai.com, port: 443}"
SCALE = "resources: [deployments/scale], verbs: [get, patch]}"
DESIGNS = "    volumes:\n      designs: {size: 5Gi, path: /var/lib/architect-agent/designs, shared: true}\n"

EDITS: Mapping[str, Edit] = {
    "limit": changed((IT_OPS_PROD, IT_OPS_PROD.replace("}}}", "}}, resources: {limits: {memory: 10Gi}}}"))),
    "image": changed(("image: ghcr.io/example/security-agent:2.1.0", "image: ghcr.io/example/security-agent:2.2.0")),
    "new-agent": appended(RELEASE_AGENT),
    "removed-agent": without_agent("architect-agent"),
    "removed-volume": changed((DESIGNS, "")),
    "egress": changed((OPENAI, f"{OPENAI}, {{host: vectors.example.com, port: 6334}}")),
    "internet": changed((OPENAI, f"{OPENAI}, internet")),
    "role": changed((SCALE, "resources: [deployments/scale, statefulsets/scale], verbs: [get, patch, update]}")),
    "schedule": changed(('schedule: "0 2 * * *"', 'schedule: "30 3 * * *"')),
    "rename": changed(("  architect-agent:\n", "  design-agent:\n")),
    "tier": changed(("Kubeflow)\n    tier: 3", "Kubeflow)\n    tier: 4")),
    "quota": changed(("limits: {cpu: 64, memory: 128Gi}", "limits: {cpu: 72, memory: 144Gi}")),
    "new-environment": changed(("\ndefaults:\n", f"{QA}\ndefaults:\n")),
    "generator": in_files(
        "base/*/deployment.yaml", "terminationGracePeriodSeconds: 35", "terminationGracePeriodSeconds: 60"
    ),
    "framework": changed(('frameworkVersion: "2.1.0"', 'frameworkVersion: "2.2.0"')),
    "smaller-volume": changed(("reports: {size: 10Gi", "reports: {size: 5Gi")),
    "single-volume": changed(
        (DESIGNS, DESIGNS.replace(", shared: true", "")), ("{min: 1, max: 2}, expose", "{min: 1, max: 1}, expose")
    ),
    "secret": changed(("secrets: [openai-api-key,", "secrets: [openai-api-key, figma-token,")),
    "budget": changed(("budget: {infra: 300, ai: 500}", "budget: {infra: 260, ai: 500}")),
    "replicas": changed(
        (
            "service: {port: 8080, replicas: {min: 1, max: 3}, calledBy",
            "service: {port: 8080, replicas: {min: 1, max: 6}, calledBy",
        )
    ),
    "talks": changed(
        (
            "talksTo: [audit-db, evidence, telemetry, {host: mlflow",
            "talksTo: [audit-db, evidence, security-agent, telemetry, {host: mlflow",
        )
    ),
    "setting": changed(
        ("budget: {infra: 300, ai: 500}", "config: {LOG_LEVEL: debug}\n    budget: {infra: 300, ai: 500}")
    ),
    "bucket": changed(("EVIDENCE_BUCKET: ai-agents-evidence", "EVIDENCE_BUCKET: ai-agents-evidence-2")),
    "kubernetes": changed(('version: "1.33"', 'version: "1.30"')),
}
