"""ExternalSecret: fetches the agent's own secrets into a Secret that bears its name."""

from generator.model import Agent
from generator.resources import Manifest
from generator.resources.externalsecrets import external_secret

WAVE = -1  # before the pods, which do not start without their Secret


def build(agent: Agent) -> list[Manifest]:
    return external_secret(agent.name, agent.secrets, WAVE)
