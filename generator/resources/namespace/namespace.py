"""Namespace: refuses every pod that does not meet Pod Security `restricted`. Its removal must be confirmed in Argo CD.

What is enforced is pinned to the fleet's Kubernetes version, so that a cluster upgrade breaks no running agent; what
comes next is warned of.
"""

from generator.model import Namespace
from generator.resources import Manifest


def build(namespace: Namespace) -> list[Manifest]:
    return [
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                # Kustomize gives it the overlay's namespace as its name.
                "name": namespace.fleet,
                "labels": {
                    "pod-security.kubernetes.io/enforce": "restricted",
                    "pod-security.kubernetes.io/enforce-version": f"v{namespace.kubernetes.version}",
                    "pod-security.kubernetes.io/audit": "restricted",
                    "pod-security.kubernetes.io/audit-version": "latest",
                    "pod-security.kubernetes.io/warn": "restricted",
                    "pod-security.kubernetes.io/warn-version": "latest",
                },
                "annotations": {
                    "argocd.argoproj.io/sync-options": "Prune=confirm,Delete=confirm",
                    "argocd.argoproj.io/sync-wave": "-2",
                },
            },
        }
    ]
