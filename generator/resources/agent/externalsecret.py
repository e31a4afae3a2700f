"""ExternalSecret: fetches the agent's own secrets into a Secret that bears its name."""

from generator.model import Agent
from generator.resources import Manifest
from generator.resources.externalsecrets import external_secret


def build(agent: Agent) -> list[Manifest]:
    return external_secret(agent.name, agent.secrets)
