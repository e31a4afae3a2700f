"""ServiceAccount: the agent's identity. No token is mounted by it; a pod that needs one says so itself."""

from generator.model import Agent
from generator.resources import Manifest, identity


def build(agent: Agent) -> list[Manifest]:
    metadata: Manifest = {"name": agent.name}
    if agent.identity:
        metadata["annotations"] = {identity.OF_PLATFORM[agent.kubernetes.platform]: agent.identity}
    return [{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata, "automountServiceAccountToken": False}]
