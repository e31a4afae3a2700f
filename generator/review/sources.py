"""Where an object comes from."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, order=True)
class Source:
    """The overlay that an object is built from; Argo CD's own objects have no environment and the owner `argocd`."""

    environment: str
    owner: str
