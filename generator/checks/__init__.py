"""Runs kustomize and kubeconform on what is on disk and reads their answers; judges as a stranger would.

Knows nothing of the spec, the model or how the tree was made. Never prints, never changes a file outside a temporary
folder, never calls a document good that no schema was held against, and turns a tool's crash into a problem.
"""

from generator.checks.kustomize import Built, build
from generator.checks.tools import Tool, Tools, find_tools
from generator.checks.validate import Report, validate

__all__ = ["Built", "Report", "Tool", "Tools", "build", "find_tools", "validate"]
