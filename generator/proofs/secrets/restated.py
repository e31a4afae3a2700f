"""What the spec means an environment's secrets to be: the store, what is fetched as what, what each pod reads.

Said again from the model alone, and shared with no builder, so that a builder's fault shows.
Source: https://external-secrets.io/latest/api/spec/
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

from generator import names
from generator.model import (
    Agent,
    AwsStore,
    AzureStore,
    Environment,
    FakeStore,
    GcpStore,
    SecretKeys,
    SecretStore,
    VaultStore,
)
from generator.proofs.evidence import Manifest

_ACCOUNT = {"serviceAccountRef": {"name": "secret-store"}}
STORE = ("SecretStore", "secret-store")


@dataclass(frozen=True, kw_only=True)
class Remote:
    """A key in the store, and the property of it that holds the value; None: all of it."""

    key: str
    property: str | None

    def __str__(self) -> str:
        return f"{self.key} ({self.property})" if self.property else self.key


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What is fetched for an agent, or for all: each key of its Secret, and how often, as Go writes durations."""

    secret: str
    keys: Mapping[str, Remote]
    refresh_interval: str


def scopes(environment: Environment) -> dict[str, Scope]:
    """Every scope, by the owner of its objects."""
    shared = _scope(names.SHARED_SECRET, environment.namespace.shared_secrets)
    return {names.NAMESPACE_FOLDER: shared} | {
        agent.name: _scope(agent.name, agent.secrets) for agent in environment.agents
    }


def _scope(secret: str, keys: SecretKeys) -> Scope:
    remotes = {name: Remote(key=f"{keys.prefix}{name}", property=keys.property) for name in keys.names}
    return Scope(secret=secret, keys=remotes, refresh_interval=keys.refresh_interval)


def variables(agent: Agent) -> dict[str, tuple[str, str]]:
    """What each pod of an agent has as variables: the Secret and its key."""
    return dict(_variables(agent))


def _variables(agent: Agent) -> Iterator[tuple[str, tuple[str, str]]]:
    for secret, keys in ((names.SHARED_SECRET, agent.shared_secrets), (agent.name, agent.secrets.names)):
        for key in keys:
            yield key.upper().replace("-", "_"), (secret, key)


def store(meant: SecretStore) -> Manifest:
    """The `spec` of the SecretStore."""
    match meant:
        case AwsStore():
            aws = {"service": meant.service, "region": meant.region, "auth": {"jwt": _ACCOUNT}}
            return {"provider": {"aws": aws}}
        case AzureStore():
            azure = {"vaultUrl": meant.vault_url, "authType": "WorkloadIdentity", **_ACCOUNT}
            if meant.tenant_id:
                azure["tenantId"] = meant.tenant_id
            return {"provider": {"azurekv": azure}}
        case GcpStore():
            return {"provider": {"gcpsm": {"projectID": meant.project_id, "auth": {"workloadIdentity": _ACCOUNT}}}}
        case VaultStore():
            login = {"kubernetes": {"mountPath": meant.mount_path, "role": meant.role, **_ACCOUNT}}
            vault = {"server": meant.server, "path": meant.path, "version": "v2", "auth": login}
            return {"provider": {"vault": vault}}
        case FakeStore():
            return {"provider": {"fake": {"data": [{"key": key, "value": "made-up"} for key in meant.keys]}}}
    assert_never(meant)
