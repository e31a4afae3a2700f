"""ServiceAccount: the identity by which the secret store is read. No pod runs as it."""

from generator import names
from generator.model import FakeStore, Namespace
from generator.resources import Manifest, identity


def build(namespace: Namespace) -> list[Manifest]:
    if isinstance(namespace.store, FakeStore):
        return []
    metadata: Manifest = {"name": names.SECRET_STORE}
    if namespace.store_identity:
        metadata["annotations"] = {identity.OF_STORE[namespace.store.provider]: namespace.store_identity}
    return [{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata, "automountServiceAccountToken": False}]
