"""Secrets: which remote keys must exist, which Secret each becomes, who reads it, and whether that sees a new value.

Names only; no value gets here, or anywhere near. Pods read secrets as variables, which change in no running pod: so
Stakater Reloader restarts a Deployment when a Secret named in its annotation changes, and a CronJob reads its secrets
anew at each run.
"""

from dataclasses import dataclass
from typing import Any

from generator.proofs.breaches import Breaches, as_json
from generator.proofs.evidence import Evidence
from generator.proofs.fetched import Case, Consumer, RemoteKey, Store, root_of
from generator.proofs.finding import Finding


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
        """The report as `secrets.schema.json` describes it."""
        return {
            "environments": [_environment_json(environment) for environment in self.environments],
            "findings": as_json(self.findings),
        }


def prove(evidence: Evidence) -> SecretsReport:
    """Which keys must exist and who reads them, and every secret that is missing, misplaced or stale."""
    declared = {environment.name: environment for environment in evidence.fleet.environments}
    cases = [Case.of(declared[compiled.environment], compiled) for compiled in evidence.environments]
    roots = {environment.name: root_of(environment) for environment in evidence.fleet.environments}
    breaches = Breaches()
    for case in cases:
        for breach in case.breaches(roots):
            breaches.add(case.name, breach)
    reports = tuple(EnvironmentSecrets(name=c.name, namespace=c.namespace, keys=tuple(c.keys())) for c in cases)
    return SecretsReport(environments=reports, findings=breaches.findings())


# ----------------------------------------------------------------------------------------------------------------- json


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
