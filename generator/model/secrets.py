"""Where secret values are kept, and under which keys; never a value."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class SecretKeys:
    """Where a scope's secrets are kept: each at `prefix + name`, as one property of it where the store has those."""

    prefix: str
    property: str | None
    refresh_interval: str
    names: tuple[str, ...]

    def remote_key(self, name: str) -> str:
        return self.prefix + name


@dataclass(frozen=True, kw_only=True)
class AwsStore:
    provider: Literal["aws"] = "aws"
    region: str
    service: str = "SecretsManager"


@dataclass(frozen=True, kw_only=True)
class AzureStore:
    provider: Literal["azure"] = "azure"
    vault_url: str
    tenant_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class GcpStore:
    provider: Literal["gcp"] = "gcp"
    project_id: str


@dataclass(frozen=True, kw_only=True)
class VaultStore:
    provider: Literal["vault"] = "vault"
    server: str
    path: str = "secret"
    role: str
    mount_path: str = "kubernetes"


@dataclass(frozen=True, kw_only=True)
class FakeStore:
    """For local work: the store itself holds a made-up value for each key."""

    provider: Literal["fake"] = "fake"
    keys: tuple[str, ...]


SecretStore = AwsStore | AzureStore | GcpStore | VaultStore | FakeStore
