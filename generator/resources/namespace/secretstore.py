"""SecretStore: where the namespace's secret values come from. Namespaced, with a ServiceAccount of its own: what it may
read is limited where the secrets are, by that identity. Source: https://external-secrets.io/latest/guides/multi-tenancy/
"""

from typing import assert_never

from generator import names
from generator.model import AwsStore, AzureStore, FakeStore, GcpStore, Namespace, SecretStore, VaultStore
from generator.resources import Manifest

ACCOUNT = {"serviceAccountRef": {"name": names.SECRET_STORE}}


def build(namespace: Namespace) -> list[Manifest]:
    return [
        {
            "apiVersion": "external-secrets.io/v1",
            "kind": "SecretStore",
            "metadata": {
                "name": names.SECRET_STORE,
                "annotations": {
                    # After the ServiceAccount and its Role: a store that cannot log in is unwell, and an unwell
                    # object holds up every later wave. The quota and the policies are not to wait for it.
                    "argocd.argoproj.io/sync-wave": "1",
                    "argocd.argoproj.io/sync-options": "SkipDryRunOnMissingResource=true",
                },
            },
            "spec": {"provider": _provider(namespace.store)},
        }
    ]


def _provider(store: SecretStore) -> Manifest:
    match store:
        case AwsStore():
            return {"aws": {"service": store.service, "region": store.region, "auth": {"jwt": ACCOUNT}}}
        case AzureStore():
            tenant = {"tenantId": store.tenant_id} if store.tenant_id else {}
            return {"azurekv": {"authType": "WorkloadIdentity", "vaultUrl": store.vault_url, **tenant, **ACCOUNT}}
        case GcpStore():
            return {"gcpsm": {"projectID": store.project_id, "auth": {"workloadIdentity": ACCOUNT}}}
        case VaultStore():
            auth = {"mountPath": store.mount_path, "role": store.role, **ACCOUNT}
            return {
                "vault": {"server": store.server, "path": store.path, "version": "v2", "auth": {"kubernetes": auth}}
            }
        case FakeStore():
            return {"fake": {"data": [{"key": key, "value": "made-up"} for key in store.keys]}}
    assert_never(store)
