"""What the secrets proof has worked out: every remote key and its readers, by name only, and findings."""

from dataclasses import dataclass
from typing import Any

from generator.proofs.findings import Finding
from generator.proofs.secrets.fetched import Consumer, RemoteKey, Store


@dataclass(frozen=True, kw_only=True)
class EnvironmentSecrets:
    """Every remote key of one environment."""

    name: str
    namespace: str
    keys: tuple[RemoteKey, ...]


@dataclass(frozen=True, kw_only=True)
class SecretsReport:
    """Every remote key, in the order of the spec."""

    environments: tuple[EnvironmentSecrets, ...]
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """The report as `report.schema.json` describes it, but for the findings."""
        return {
            "environments": [_environment_json(environment) for environment in self.environments],
        }


# ----------------------------------------------------------------------------------------------------------------- JSON


def _environment_json(environment: EnvironmentSecrets) -> dict[str, Any]:
    stores = dict.fromkeys((key.store.kind, key.store.name) for key in environment.keys if key.store)
    known = {(key.store.kind, key.store.name): key.store for key in environment.keys if key.store}
    return {
        "name": environment.name,
        "namespace": environment.namespace,
        "stores": [_store_json(known[store]) for store in stores],
        "keys": [_key_json(key) for key in environment.keys],
    }


def _store_json(store: Store) -> dict[str, Any]:
    settings = dict(store.settings)
    return {
        "kind": store.kind,
        "name": store.name,
        "namespace": store.namespace,
        "provider": store.provider,
        "settings": settings,
    }


def _key_json(key: RemoteKey) -> dict[str, Any]:
    return {
        "owner": key.owner,
        "store": key.store.name if key.store else None,
        "key": key.key,
        "property": key.property,
        "secret": key.secret,
        "secretKey": key.secret_key,
        "refreshInterval": key.refresh_interval,
        "consumers": [_consumer_json(consumer) for consumer in key.consumers],
    }


def _consumer_json(consumer: Consumer) -> dict[str, str]:
    return {
        "kind": consumer.kind,
        "name": consumer.name,
        "form": consumer.form,
        "variable": consumer.variable,
        "onRotation": consumer.on_rotation,
    }
