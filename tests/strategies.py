"""Random fleets for hypothesis: every block of the spec, strings of every kind, what each environment may override."""

import string
from typing import Any

from hypothesis import strategies as st

Spec = dict[str, Any]

# Strings that some YAML reader takes for something else, or that a shell, Kustomize or Go might eat.
HARD = [
    "yes", "on", "null", "~", "1e3", "12e5", "0o17", "08", "0x1F", "1_000", "12:30:45", "2001-01-01", ".5", "-", "=",
    "<<", "'", '"', "''", '""', "'quoted'", '"quoted"', "a: b", "a #b", "# a", "- a", "{a}", "[a]", "*a", "&a", "!a",
    "|", ">", "%", "@a", "`a`", " a", "a ", "a\nb", "a\n", "\na", "a\n\n", "a\tb", "\t", "a\\b", "$(HOME)", "$$",
    "\u00e9", "\u2028", "\U0001f916", "true",
]  # fmt: skip
texts = st.one_of(
    st.sampled_from(HARD), st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co"]), max_size=30)
)
described = texts.filter(lambda text: 0 < len(text) <= 500)
label_values = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,8}[A-Za-z0-9])?", fullmatch=True) | st.sampled_from(
    ["yes", "1e3", "12e5", "0x1F", "08", "null", "1.10", "true", "2001-01-01", "0o17"]
)
AGENTS = ["alpha", "beta-2", "null", "y"]
# A batch of overlays is one build, in which Kustomize takes a Group for the ServiceAccount of the same name.
teams = label_values.filter(lambda name: name not in AGENTS)
words = st.text(string.ascii_lowercase, min_size=1, max_size=6)
cpus = st.sampled_from(["100m", "250m", 1, "2", 0.5, "1500m"])
memories = st.sampled_from(["128Mi", "1Gi", "1500Mi", "2G", "4Gi"])
ports = st.integers(1024, 65535)
durations = st.sampled_from(["30s", "5m", "1h", "1h30m", "2d"])


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Spec]:
    """A mapping with any of these keys."""
    return st.fixed_dictionaries({}, optional=fields)


def each(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Spec]:
    """A mapping with all of these keys."""
    return st.fixed_dictionaries(fields)


computes = some(cpu=cpus, memory=memories)
resources = some(
    requests=some(cpu=st.sampled_from(["50m", "100m"]), memory=st.sampled_from(["64Mi", "128Mi"])),
    limits=some(cpu=cpus, memory=memories),
    gpu=st.integers(0, 2),
)
replicas = st.tuples(st.integers(1, 3), st.integers(0, 2)).map(lambda pair: {"min": pair[0], "max": sum(pair)})
autoscaling = some(cpu=st.integers(1, 100), memory=st.integers(1, 100), scaleDownWindow=durations)
paths = st.sampled_from(["/", "/health", "/api/v1"])
service_defaults = some(
    replicas=replicas,
    autoscaling=autoscaling,
    health=some(path=paths, startup=durations),
    metricsPath=paths,
    gracePeriod=durations,
)
services = st.builds(
    lambda one, other: one | other,
    service_defaults,
    some(port=ports, expose=st.booleans() | some(path=paths, timeout=durations)),
)
config = st.dictionaries(st.from_regex(r"X_[A-Z]{1,4}", fullmatch=True), texts, max_size=3)
settings_ = {
    "resources": resources,
    "config": config,
    "rollout": st.sampled_from(
        [{"maxSurge": 1}, {"maxSurge": 0, "maxUnavailable": 1}, {"maxSurge": 2, "maxUnavailable": 1}]
    ),
    "scheduling": some(
        nodeSelector=st.dictionaries(label_values.map(lambda v: f"x/{v}"), label_values, min_size=1, max_size=2)
    ),
    "security": some(runAsUser=st.integers(1, 99999), runAsGroup=st.integers(1, 99999)),
    "labels": st.dictionaries(words.map(lambda w: f"x/{w}"), label_values, max_size=2),
}
jobs = st.builds(
    lambda one, other: one | other,
    each(schedule=st.sampled_from(["0 2 * * *", "*/5 1-3 * jan mon-fri", "0 0 1 * *"])),
    some(
        args=st.lists(texts, max_size=3),
        command=st.lists(texts, min_size=1, max_size=2),
        timeZone=st.sampled_from(["Europe/Zurich", "Etc/UTC"]),
        retries=st.integers(0, 3),
        suspend=st.booleans(),
        metricsPort=ports,
        resources=resources,
        keepFinished=durations,
    ),
)
job_names, volume_names = ["scan", "train", "yes"], ["data", "logs"]
hosts = st.sampled_from(
    [
        {"host": "api.example.com", "port": 443},
        {"cidr": "10.1.0.0/16", "port": 8443},
        {"host": "b.example.org", "port": 8443},
    ]
)
permissions = st.lists(
    each(
        apiGroups=st.sampled_from([[""], ["apps"], ["", "batch"]]),
        resources=st.just(["pods"]),
        verbs=st.sampled_from([["get"], ["list", "watch"]]),
    ),
    max_size=2,
)
images = st.sampled_from(["2.1.0", "1e3", "0x1f", "12e5", "v1", f"2.1.0@sha256:{'a' * 64}"]).map(
    lambda tag: f"ghcr.io/example/agent:{tag}"
)


@st.composite
def _agent_settings(draw: st.DrawFn, *, override: bool) -> Spec:
    """What an agent, or an agent in an environment, may set."""
    agent: Spec = draw(
        some(
            **settings_,
            service=services,
            jobs=st.dictionaries(st.sampled_from(job_names), jobs, max_size=2),
            secrets=st.lists(st.sampled_from(["github-token", "slack-url", "null", "on"]), unique=True, max_size=3),
            identity=st.just("arn:aws:iam::123456789012:role/agent"),
        )
    )
    if override:
        agent |= draw(some(image=images, enabled=st.booleans()))
    if draw(st.booleans()):
        mounted = {
            name: {"size": draw(st.sampled_from(["1Gi", "10Gi"])), "path": f"/var/{name}", "shared": True}
            for name in volume_names
        }
        agent["volumes"] = {name: mounted[name] for name in draw(st.lists(st.sampled_from(volume_names), unique=True))}
    if draw(st.booleans()):
        agent["permissions"] = draw(permissions)
    if draw(st.booleans()) or agent.get("permissions"):
        named = draw(st.lists(st.sampled_from(["telemetry", "audit-db", "cache", "internet"]), unique=True))
        agent["talksTo"] = ["kubernetes-api", *named, *draw(st.lists(hosts, max_size=2, unique_by=str))]
    return agent


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    """A spec that compiles, or nearly always does."""
    environments = draw(st.lists(st.sampled_from(["dev", "prod", "on", "e1"]), min_size=1, max_size=2, unique=True))
    agents = draw(st.lists(st.sampled_from(AGENTS), min_size=1, max_size=3, unique=True))
    tiers = ["1", "two"]
    spec: Spec = {
        "apiVersion": "kustodian.dev/v1",
        "kind": "AgentFleet",
        "metadata": {"name": draw(words), "frameworkVersion": draw(label_values)},
        "gitops": {"repoURL": "https://git.example.com/fleet.git"}
        | draw(some(path=st.just("deploy"), targetRevision=st.just("1e3"))),
        "kubernetes": {
            "version": draw(st.sampled_from(["1.27", "1.30", "1.33", "1.37"])),
            "platform": draw(st.sampled_from(["eks", "gke", "aks"])),
            "apiServer": ["10.0.0.1/32"],
            "storageClasses": {"shared": "1e3"},
        }
        | draw(some(networkPolicy=st.sampled_from(["cilium", "kubernetes"]), nodeLocalDNS=st.just("169.254.20.10/32"))),
        "secretStore": draw(stores)
        | {"shared": ["audit-trail-db-password", "redis-password", "observability-api-key"]},
        "tiers": {tier: draw(some(**settings_)) for tier in tiers},
        "environments": {
            name: {"domain": f"{name}.example.com"}
            | draw(
                some(
                    **settings_,
                    scale=st.sampled_from([0.25, 0.5, 1, 1.5, 3]),
                    maxReplicas=st.integers(1, 3),
                    quota=each(
                        requests=each(cpu=cpus, memory=memories),
                        limits=each(cpu=cpus, memory=memories),
                        volumes=st.integers(0, 9),
                    ),
                    teamAccess=st.sampled_from(["view", "operate"]),
                    containerLimits=some(default=computes, max=computes),
                    secretStore=stores,
                )
            )
            for name in environments
        },
        "agents": {
            name: {
                "description": draw(described),
                "tier": draw(st.sampled_from([1, "two"])),
                "team": draw(teams),
                "costCenter": draw(label_values),
                "image": draw(images),
                **draw(_agent_settings(override=False)),
                "environments": {
                    environment: draw(_agent_settings(override=True))
                    for environment in environments
                    if draw(st.booleans())
                },
            }
            for name in agents
        },
    }
    if draw(st.booleans()):
        spec["defaults"] = draw(some(**settings_, service=service_defaults))
    if draw(st.booleans()):
        spec["platform"] = {"routing": draw(st.sampled_from(["gateway", "ingress"])), "ingressClass": "null"}
    for agent in spec["agents"].values():
        if not agent.get("jobs"):
            agent.setdefault("service", {})
    return spec


stores = st.sampled_from(
    [
        {"provider": "aws", "region": "us-east-1", "identity": "arn:aws:iam::123456789012:role/secrets"},
        {"provider": "azure", "vaultURL": "https://vault.example.com", "tenantID": "0" * 36, "identity": "1e3"},
        {"provider": "gcp", "projectID": "project-1"},
        {"provider": "vault", "server": "https://vault.example.com:8200", "role": "agents"},
        {"provider": "fake"},
    ]
)
