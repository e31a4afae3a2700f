"""PodMonitor: has Prometheus scrape the runs of jobs that offer metrics, which no Service stands before."""

from generator import names
from generator.model import Agent
from generator.resources import Manifest


def build(agent: Agent) -> list[Manifest]:
    if not any(job.metrics_port for job in agent.jobs):
        return []
    return [
        {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "PodMonitor",
            "metadata": {
                "name": agent.name,
                "annotations": {"argocd.argoproj.io/sync-options": "SkipDryRunOnMissingResource=true"},
            },
            "spec": {
                "selector": {"matchLabels": names.selector(agent.name)},
                "podTargetLabels": list(names.METRIC_LABELS),
                "podMetricsEndpoints": [{"port": "metrics", "path": "/metrics", "interval": "30s"}],
            },
        }
    ]
