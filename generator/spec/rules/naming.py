"""Names that are taken, too long, or the same."""

from collections.abc import Iterator

from generator import names
from generator.model import Fleet
from generator.problems import Problem
from generator.spec.reader import Document, Key
from generator.spec.rules.case import Case

RESERVED = {
    "agents": {
        "namespace": "the namespace's own folder",
        "shared": "the secrets that agents share",
        "default": "the ServiceAccount that every namespace has",
        "default-deny": "a policy of the namespace",
        "allow-dns": "a policy of the namespace",
        "operator": "a Role of the namespace",
        "secret-store": "what the secret store is read as",
        "secret-store-token": "a Role of the namespace",
    },
    "environments": {
        "monitoring": "a namespace of the platform",
        "system": "a namespace of the platform",
        "namespaces": "the namespaces' own AppProject",
        "root": "the app of apps",
    },
}
RESERVED_LABELS = ("app", "tier", "cost-center", "team", "framework-version", "environment", "pod-template-hash")
RESERVED_PREFIXES = ("app.kubernetes.io/", "kustodian.dev/", "azure.workload.identity/", "batch.kubernetes.io/")
SCRATCH_VOLUME = "tmp"  # every pod has it
MAX_CRON_JOB_NAME = 52  # a Job's name, eleven characters longer, is a label of its pods
MAX_NAME = 63  # of a label, and of everything that a label repeats


def reserved_name(fleet: Fleet, document: Document) -> Iterator[Problem]:
    chosen = {
        "agents": [agent.name for agent in fleet.base_agents],
        "environments": [environment.name for environment in fleet.environments],
    }
    for block, taken in RESERVED.items():
        for name in chosen[block]:
            if name in taken:
                message = f"{block}.{name}: {name!r} is reserved for {taken[name]}"
                yield Problem(document.key_place(block, name), "reserved-name", message, "choose another name")
    yield from _reserved_group(fleet, document)
    bindings = {f"{team.name}-{right}" for team in fleet.base_namespace.teams for right in ("view", "operate")}
    for agent in fleet.base_agents:
        path = ("agents", agent.name)
        if agent.name in bindings:
            message = f"{'.'.join(path)}: {agent.name!r} is reserved for a team's RoleBinding"
            yield Problem(document.key_place(*path), "reserved-name", message, "choose another name")
        for volume in agent.volumes:
            if volume.name == SCRATCH_VOLUME:
                message = f"{'.'.join(path)}.volumes.tmp: 'tmp' is reserved for the scratch space of every pod"
                yield Problem(
                    document.key_place(*path, "volumes", "tmp"), "reserved-name", message, "choose another name"
                )
        for job in agent.jobs:
            if job.name == "service":
                message = f"{'.'.join(path)}.jobs.service: 'service' is reserved for the pods of the agent's service"
                yield Problem(
                    document.key_place(*path, "jobs", "service"), "reserved-name", message, "choose another name"
                )


def _reserved_group(fleet: Fleet, document: Document) -> Iterator[Problem]:
    """Kustomize takes a Group for the ServiceAccount of the same name, and gives it a namespace."""
    accounts = {"default", names.SECRET_STORE, *(agent.name for agent in fleet.base_agents)}
    for team in fleet.base_namespace.teams:
        if team.group in accounts:
            owner = next(agent.name for agent in fleet.base_agents if agent.team == team.name)
            path: tuple[Key, ...] = ("teams", team.name, "group")
            path = path if document.has(*path) else ("agents", owner, "team")
            message = f"{'.'.join(map(str, path))}: the group {team.group!r} has the name of a ServiceAccount"
            yield Problem(document.place(*path), "reserved-name", message, "give the group, or the agent, another name")
        elif team.group.startswith("system:"):
            path = ("teams", team.name, "group")
            message = f"{'.'.join(map(str, path))}: {team.group!r} is a group of Kubernetes itself, and no team's"
            yield Problem(document.place(*path), "reserved-name", message, "name the identity provider's group")


def generated_name(case: Case) -> Iterator[Problem]:
    """Kustomize gives a ConfigMap's name its hash, and does so wherever it finds the name, also in a Role."""
    generated = {names.config_map(agent) for agent in case.document.values["agents"]}
    for index, permission in enumerate(case.agent.permissions):
        for name in generated.intersection(permission.resource_names):
            message = f"the name {name!r} is that of a ConfigMap whose name changes with its content"
            hint = "leave resourceNames out"
            yield case.problem("reserved-name", "permissions", index, "resourceNames", message=message, hint=hint)


def reserved_label(fleet: Fleet, document: Document) -> Iterator[Problem]:
    """Labels that Kustodian sets itself: governance would count for nothing if a spec could overwrite it."""
    spec = document.values
    blocks: list[tuple[Key, ...]] = [("defaults",)]
    blocks += [(block, name) for block in ("tiers", "environments", "agents") for name in spec[block]]
    blocks += [
        ("agents", agent.name, "environments", name)
        for agent in fleet.base_agents
        for name in spec["agents"][agent.name].get("environments", ())
    ]
    for block in blocks:
        layer = spec
        for key in block:
            layer = layer.get(key, {})
        for label in layer.get("labels", ()):
            if label in RESERVED_LABELS or label.startswith(RESERVED_PREFIXES):
                message = f"{'.'.join(map(str, block))}.labels: {label!r} is set by Kustodian"
                yield Problem(
                    document.key_place(*block, "labels", label), "reserved-label", message, "choose another key"
                )


def name_too_long(case: Case) -> Iterator[Problem]:
    agent = case.agent
    made = [("jobs", job.name, names.cron_job(agent.name, job.name), MAX_CRON_JOB_NAME) for job in agent.jobs]
    made += [
        ("volumes", volume.name, names.volume_claim(agent.name, volume.name), MAX_NAME) for volume in agent.volumes
    ]
    for block, part, name, most in made:
        if len(name) > most:
            message = f"the name {name!r} has {len(name)} characters, more than {most}"
            yield case.problem("name-too-long", block, part, message=message, hint="shorten a part of it", of_key=True)
    if case.environment:
        namespace = case.environment.namespace.name
        if len(namespace) > MAX_NAME:
            path: tuple[Key, ...] = ("environments", case.environment.name)
            length = f"has {len(namespace)} characters, more than {MAX_NAME}"
            message = f"{_dotted(path)}: the namespace {namespace!r} {length}"
            yield Problem(case.document.key_place(*path), "name-too-long", message, "shorten a part of it")


def name_collision(fleet: Fleet, document: Document) -> Iterator[Problem]:
    """`a` with the job `b-c` and `a-b` with the job `c` would be the same CronJob."""
    made: dict[tuple[str, str], tuple[Key, ...]] = {}
    for environment in fleet.environments:
        made["Application", f"{environment.name}-namespace"] = ("environments", environment.name)
    for environment in fleet.environments:
        for agent in environment.agents:
            own = ("agents", agent.name)
            objects: list[tuple[str, str, tuple[Key, ...]]] = [("Application", f"{environment.name}-{agent.name}", own)]
            objects += [
                (f"CronJob of {environment.name}", names.cron_job(agent.name, j.name), (*own, "jobs", j.name))
                for j in agent.jobs
            ]
            objects += [
                (f"claim of {environment.name}", names.volume_claim(agent.name, v.name), (*own, "volumes", v.name))
                for v in agent.volumes
            ]
            for kind, name, path in objects:
                other = made.setdefault((kind, name), path)
                if other != path:
                    message = f"{_dotted(path)}: makes the name {name!r}, as does {_dotted(other)}"
                    yield Problem(document.key_place(*path), "name-collision", message, "rename one of them")


def _dotted(path: tuple[Key, ...]) -> str:
    return ".".join(map(str, path))
