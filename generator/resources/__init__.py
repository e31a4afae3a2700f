"""One kind a file, each with `build(owner) -> list of manifests`; `agent` and `namespace` hold the registries.

A builder sees a resolved agent or namespace and never an environment's name. It leaves out what Kustomize's
transformers add: the namespace and the governance labels. Nothing here reads, writes or knows of another kind.
"""

from typing import Any

Manifest = dict[str, Any]
