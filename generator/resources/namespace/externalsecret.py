"""ExternalSecret: fetches the secrets that agents share."""

from generator import names
from generator.model import Namespace
from generator.resources import Manifest
from generator.resources.externalsecrets import external_secret

WAVE = 2  # after the store


def build(namespace: Namespace) -> list[Manifest]:
    return external_secret(names.SHARED_SECRET, namespace.shared_secrets, WAVE)
