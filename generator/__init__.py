"""Kustodian compiles one declarative `spec/agents.yaml` into Kustomize bases, overlays and Argo CD Applications.

    spec text -> Document (values + positions) -> Fleet (frozen model) -> manifests -> tree {path: them} -> text -> disk

Each step is a room of its own; `tests/test_rooms.py` holds who may import whom.
"""

__version__ = "0.1.0"
