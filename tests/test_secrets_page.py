"""docs/secrets.md: the keys and variables that the page lists are those that the compiler makes."""

import re
from pathlib import Path

import pytest

from generator.names import environment_variable
from tests.support import REFERENCE, ROOT, fleet_at

PAGE = (ROOT / "docs" / "secrets.md").read_text(encoding="utf-8")
STORES = {
    "aws": "{provider: aws, region: us-east-1, identity: x",
    "vault": '{provider: vault, server: "https://vault.example.com", role: x',
    "azure": f'{{provider: azure, vaultURL: "https://x.example.com", tenantID: {"a" * 36}, identity: x',
}


@pytest.mark.parametrize("provider", STORES)
def test_keys(provider: str, tmp_path: Path) -> None:
    text = REFERENCE.read_text()
    if "identity" not in STORES[provider]:
        text = re.sub(r"\n    secretStore: .*", "", text)
    shared = "audit-trail-db-password, redis-password, s3-access-key, observability-api-key"
    block = f"secretStore: {STORES[provider]}, shared: [{shared}]}}"
    text = re.sub(r"secretStore:\n(  .*\n)+", f"{block}\n", text)
    spec = tmp_path / "agents.yaml"
    spec.write_text(text)
    dev = fleet_at(spec).environments[0]
    key = next(agent for agent in dev.agents if agent.name == "security-agent").secrets.remote_key("github-token")
    [row] = [line for line in PAGE.splitlines() if f"`{provider}`" in line and "github-token" in line]
    assert f"`{key}`" in row


def test_variables() -> None:
    agents = {agent.name: agent for agent in fleet_at(REFERENCE).environments[0].agents}
    assert f"`github-token` is `{environment_variable('github-token')}`" in PAGE
    it_ops = agents["it-ops-agent"]  # talks to all three
    for variable in (*it_ops.config, *map(environment_variable, it_ops.shared_secrets)):
        assert f"`{variable}`" in PAGE
