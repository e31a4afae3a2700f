"""The ExternalSecret that agents and namespaces share the form of: which remote keys become which keys of one Secret.

The three strategies are the defaults up to External Secrets 2.8, written out since its older webhooks add them and
Argo CD would then see drift for ever (external-secrets#6398).
"""

from generator import names
from generator.model import SecretKeys
from generator.resources import Manifest


def external_secret(name: str, keys: SecretKeys, wave: int) -> list[Manifest]:
    """One ExternalSecret that owns the Secret `name`, or none where there is nothing to fetch.

    It is well only once the Secret is there, and Argo CD then goes on to the waves after `wave`.
    """
    if not keys.names:
        return []
    return [
        {
            "apiVersion": "external-secrets.io/v1",
            "kind": "ExternalSecret",
            "metadata": {
                "name": name,
                "annotations": {
                    "argocd.argoproj.io/sync-wave": str(wave),
                    "argocd.argoproj.io/sync-options": "SkipDryRunOnMissingResource=true",
                },
            },
            "spec": {
                "refreshInterval": keys.refresh_interval,
                "secretStoreRef": {"kind": "SecretStore", "name": names.SECRET_STORE},
                "target": {"name": name, "creationPolicy": "Owner", "deletionPolicy": "Retain"},
                "data": [{"secretKey": key, "remoteRef": _remote(keys, key)} for key in keys.names],
            },
        }
    ]


def _remote(keys: SecretKeys, key: str) -> Manifest:
    reference: Manifest = {"key": keys.remote_key(key)}
    if keys.property:
        reference["property"] = keys.property
    return reference | {"conversionStrategy": "Default", "decodingStrategy": "None", "metadataPolicy": "None"}
