"""PersistentVolumeClaim: one for each volume. Argo CD removes one only after a person confirms.

No sync wave: a claim that waits for its first consumer would hold up the wave that the consumer is in.
"""

from generator import names
from generator.model import Agent, Volume
from generator.resources import Manifest


def build(agent: Agent) -> list[Manifest]:
    return [_claim(agent, volume) for volume in agent.volumes]


def _claim(agent: Agent, volume: Volume) -> Manifest:
    kubernetes = agent.kubernetes
    usual = kubernetes.shared_storage_class if volume.shared else kubernetes.single_storage_class
    storage_class = volume.storage_class or usual
    spec: Manifest = {"accessModes": ["ReadWriteMany" if volume.shared else "ReadWriteOnce"]}
    if storage_class:
        spec["storageClassName"] = storage_class
    spec["resources"] = {"requests": {"storage": volume.size}}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {
            "name": names.volume_claim(agent.name, volume.name),
            "annotations": {"argocd.argoproj.io/sync-options": "Prune=confirm,Delete=confirm"},
        },
        "spec": spec,
    }
