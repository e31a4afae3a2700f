"""ServiceMonitor: has Prometheus scrape the agent's service, with the governance labels on every series."""

from generator import names
from generator.model import Agent
from generator.resources import Manifest


def build(agent: Agent) -> list[Manifest]:
    if not agent.service:
        return []
    return [
        {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "ServiceMonitor",
            "metadata": {
                "name": agent.name,
                "annotations": {"argocd.argoproj.io/sync-options": "SkipDryRunOnMissingResource=true"},
            },
            "spec": {
                "selector": {"matchLabels": names.selector(agent.name)},
                "targetLabels": list(names.METRIC_LABELS),
                "endpoints": [{"port": "http", "path": agent.service.metrics_path, "interval": "30s"}],
            },
        }
    ]
