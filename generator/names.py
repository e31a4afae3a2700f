"""Names, labels and selectors of what Kustodian writes. Reads and writes nothing.

Sources: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/ for `app.kubernetes.io/*`;
the governance labels are the deployment guide's, section 9.1.
"""

from generator.model import Agent, Fleet, Namespace

Labels = dict[str, str]

MANAGER = "kustodian"
ENVIRONMENT_LABEL = "environment"

# Become labels of every series that Prometheus scrapes, so that a cost or an error has an owner.
METRIC_LABELS = ("app", "tier", "cost-center", "team", ENVIRONMENT_LABEL)

# Within a namespace.
SECRET_STORE = "secret-store"  # noqa: S105  # the name of an object, not a secret
SHARED_SECRET = "shared"  # noqa: S105  # the name of an object, not a secret
STORE_TOKEN_ROLE = "secret-store-token"  # noqa: S105  # the name of an object, not a secret
OPERATOR_ROLE = "operator"

NAMESPACE_FOLDER = "namespace"  # beside the agents' folders, so no agent may be called so


def agent_labels(agent: Agent) -> Labels:
    """The governance labels of every object of an agent, but for its environment."""
    labels = _labels(
        agent.name, agent.tier, agent.cost_center, agent.team, agent.framework_version, agent.fleet, "agent"
    )
    return {**labels, **agent.labels}


def namespace_labels(namespace: Namespace) -> Labels:
    """The governance labels of every object that the agents of a namespace share."""
    return _labels(
        namespace.fleet,
        "shared",
        namespace.cost_center,
        namespace.team,
        namespace.framework_version,
        namespace.fleet,
        "namespace",
    )


def fleet_labels(fleet: Fleet, component: str) -> Labels:
    """The governance labels of an object that the whole fleet shares."""
    return _labels(fleet.name, "shared", fleet.cost_center, fleet.team, fleet.framework_version, fleet.name, component)


def _labels(app: str, tier: str, cost_center: str, team: str, framework: str, fleet: str, component: str) -> Labels:
    return {
        "app": app,
        "tier": tier,
        "cost-center": cost_center,
        "team": team,
        "framework-version": framework,
        "app.kubernetes.io/name": app,
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/part-of": fleet,
        "app.kubernetes.io/managed-by": MANAGER,
    }


def selector(agent: str) -> Labels:
    """Selects every pod of an agent: its service's and its jobs'."""
    return {"app.kubernetes.io/name": agent}


def service_selector(agent: str) -> Labels:
    """Selects the pods of an agent's service only."""
    return {**selector(agent), "kustodian.dev/runs": "service"}


def job_labels(agent: str, job: str) -> Labels:
    """Labels of the pods of one job."""
    return {**selector(agent), "kustodian.dev/runs": job}


def config_map(agent: str) -> str:
    """Unlike every other name: Kustomize puts the hash of a generated ConfigMap wherever it finds this name referred
    to, also under a Role's `resourceNames`, where the agent's own name would mean its Deployment.
    """
    return f"{agent}-config"


def cron_job(agent: str, job: str) -> str:
    return f"{agent}-{job}"


def volume_claim(agent: str, volume: str) -> str:
    return f"{agent}-{volume}"


def application(fleet: str, environment: str, owner: str) -> str:
    """The Argo CD Application of an agent, or of the namespace; other fleets may share Argo CD's own namespace."""
    return f"{fleet}-{environment}-{owner}"


def project(fleet: str, environment: str) -> str:
    """The Argo CD AppProject of an environment."""
    return f"{fleet}-{environment}"


def environment_variable(secret: str) -> str:
    """The environment variable that holds a secret: `github-token` is GITHUB_TOKEN."""
    return secret.replace("-", "_").upper()
