"""Deployment: the agent's service. `replicas` is left to the HorizontalPodAutoscaler where there is one."""

from math import ceil

from generator import names
from generator.model import Agent, KubernetesVersion, Service
from generator.resources import Manifest, pods

PROBE_PERIOD = 10  # seconds
# Endpoints take a moment to leave the proxies; until then a stopped pod would refuse requests.
DRAIN_SECONDS = 5
SLEEP_ACTION = KubernetesVersion(1, 30)


def build(agent: Agent) -> list[Manifest]:
    service = agent.service
    if not service:
        return []
    replicas = service.replicas
    labels = names.service_selector(agent.name)
    return [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": agent.name, "annotations": _annotations(agent)},
            "spec": {
                **({"replicas": replicas.min} if replicas.min == replicas.max else {}),
                "revisionHistoryLimit": 3,
                "progressDeadlineSeconds": service.health.startup + 300,
                "strategy": _strategy(agent),
                "selector": {"matchLabels": labels},
                "template": pods.template(
                    agent,
                    labels,
                    pods.spec(
                        agent,
                        agent.resources,
                        _container(agent, service),
                        terminationGracePeriodSeconds=service.grace_period + DRAIN_SECONDS,
                        topologySpreadConstraints=[
                            _spread(labels, key) for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
                        ],
                    ),
                ),
            },
        }
    ]


def _annotations(agent: Agent) -> dict[str, str]:
    annotations = {"kubernetes.io/description": agent.description}
    read = {agent.name: agent.secrets.names, names.SHARED_SECRET: agent.shared_secrets}
    secrets = [secret for secret, keys in read.items() if keys]
    if secrets:
        # A variable never changes in a running pod: Stakater's Reloader restarts it when one of these Secrets does.
        # Source: https://docs.stakater.com/reloader/1.4/reference/annotations.html
        annotations["secret.reloader.stakater.com/reload"] = ",".join(secrets)
    return annotations


def _strategy(agent: Agent) -> Manifest:
    if any(not volume.shared for volume in agent.volumes):
        # A second pod on another node could never attach the volume of the first.
        return {"type": "Recreate"}
    rollout = agent.rollout
    return {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": rollout.max_surge, "maxUnavailable": rollout.max_unavailable},
    }


def _spread(labels: names.Labels, topology_key: str) -> Manifest:
    return {
        "maxSkew": 1,
        "topologyKey": topology_key,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": dict(labels)},
        # Counted for each version by itself; otherwise a rollout is spread against the pods that it replaces.
        "matchLabelKeys": ["pod-template-hash"],
    }


def _container(agent: Agent, service: Service) -> Manifest:
    get = {"httpGet": {"path": service.health.path, "port": "http"}, "periodSeconds": PROBE_PERIOD}
    container: Manifest = {
        "ports": [{"name": "http", "containerPort": service.port, "protocol": "TCP"}],
        "startupProbe": {**get, "failureThreshold": ceil(service.health.startup / PROBE_PERIOD)},
        "readinessProbe": {**get, "timeoutSeconds": 5, "failureThreshold": 3},
        "livenessProbe": {**get, "timeoutSeconds": 5, "failureThreshold": 6},
    }
    if agent.kubernetes.version >= SLEEP_ACTION:
        container["lifecycle"] = {"preStop": {"sleep": {"seconds": DRAIN_SECONDS}}}
    return container
