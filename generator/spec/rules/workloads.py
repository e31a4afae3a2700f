"""What an agent runs: resources, replicas, volumes, variables, images."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from generator import quantities
from generator.model import OWN_VARIABLES, Resources
from generator.names import environment_variable
from generator.problems import Problem
from generator.spec.places import Path
from generator.spec.reader import Key
from generator.spec.rules.case import Case

NEEDED = {"jobs": ("schedule",), "volumes": ("size", "path")}


def runs_nothing(case: Case) -> Iterator[Problem]:
    if case.environment and not case.agent.service and not case.agent.jobs and not any(_meant(case)):
        message = f"runs neither a service nor a job{case.within}"
        yield case.problem("runs-nothing", message=message, hint="add `service: {}` or a job")


def _meant(case: Case) -> Iterator[bool]:
    """Whether the spec names jobs, which then lack something and are reported for that."""
    agent = case.document.values["agents"][case.agent.name]
    own = agent.get("environments", {}).get(case.environment.name, {}) if case.environment else {}
    yield from (bool(layer.get("jobs")) for layer in (agent, own))


def missing_key(case: Case) -> Iterator[Problem]:
    """A job needs a schedule and a volume its size and path, from whichever layer."""
    written = case.document.values["agents"][case.agent.name]
    own = written.get("environments", {}).get(case.environment.name, {}) if case.environment else {}
    for block, keys in NEEDED.items():
        for name in {**written.get(block, {}), **own.get(block, {})}:
            for key in keys:
                if not any(key in layer.get(block, {}).get(name, {}) for layer in (written, own)):
                    message, hint = f"key {key!r} is missing", f"each of {block} needs it"
                    yield case.problem("missing-key", block, name, message=message, hint=hint, of_key=True)


def request_above_limit(case: Case) -> Iterator[Problem]:
    for paths, resources in _all_resources(case):
        for what in ("cpu", "memory"):
            request, limit = getattr(resources.requests, what), getattr(resources.limits, what)
            if quantities.amount(request) > quantities.amount(limit):
                message = f"requests {request} of {what}{case.within}, more than its limit of {limit}"
                hint = "lower the request or raise the limit"
                path, *others = ((*path, kind, what) for path in paths for kind in ("requests", "limits"))
                yield case.problem("request-above-limit", *path, message=message, hint=hint, or_at=tuple(others))


def _all_resources(case: Case) -> Iterator[tuple[tuple[Path, ...], Resources]]:
    """Each set of resources, and the paths at which it may be given."""
    of_agent = ("resources",)
    yield (of_agent,), case.agent.resources
    for job in case.agent.jobs:
        if job.resources != case.agent.resources:
            yield (("jobs", job.name, "resources"), of_agent), job.resources


def replicas_out_of_order(case: Case) -> Iterator[Problem]:
    service = case.agent.service
    if service and service.replicas.min > service.replicas.max:
        message = f"the fewest replicas, {service.replicas.min}, are more than the most, {service.replicas.max}"
        hint = "raise max or lower min"
        yield case.problem("replicas-out-of-order", "service", "replicas", message=message, hint=hint)


def rollout_stuck(case: Case) -> Iterator[Problem]:
    rollout = case.agent.rollout
    if case.agent.service and not rollout.max_surge and not rollout.max_unavailable:
        message = "with neither surge nor unavailable pods no rollout could ever start"
        yield case.problem("rollout-stuck", "rollout", message=message, hint="set one of them to 1")


def volume_cannot_attach(case: Case) -> Iterator[Problem]:
    """A ReadWriteOnce volume attaches to one node, so that only one pod may ever use it."""
    most = case.agent.service.replicas.max if case.agent.service else 0
    for volume in case.agent.volumes:
        if not volume.shared and most + len(case.agent.jobs) > 1:
            replicas = [f"{most} replica{'s' if most > 1 else ''}"] if most else []
            users = " and ".join(replicas + [f"the job {job.name}" for job in case.agent.jobs])
            message = f"is for one pod, but {users} would use it{case.within}"
            hint = "add `shared: true`, or keep one replica and no job"
            yield case.problem("volume-cannot-attach", "volumes", volume.name, message=message, hint=hint)


# Where Kubernetes mounts the account's token, and each cloud's webhook its own. `/var/run` is a link to `/run` in most
# images. With a volume in its place no token is mounted; on the way to it or below it, a container may not start.
_TOKENS = (PurePosixPath("/var/run/secrets"), PurePosixPath("/run/secrets"))


def _hides_tokens(path: PurePosixPath) -> bool:
    return any(path.is_relative_to(tokens) or tokens.is_relative_to(path) for tokens in _TOKENS)


def mount_conflict(case: Case) -> Iterator[Problem]:
    mounted = {PurePosixPath("/tmp"): "the scratch space"}  # noqa: S108  # a path in the pod
    for volume in case.agent.volumes:
        path = PurePosixPath("/", volume.path.lstrip("/"))  # `//data` is another path in Python, not in Linux
        wrong = f"{volume.path} is where {mounted[path]} is" if path in mounted else ""
        if ".." in path.parts or path == PurePosixPath("/"):
            wrong = f"nothing can be mounted at {volume.path}"
        elif _hides_tokens(path):
            wrong = f"{volume.path} is where Kubernetes mounts the tokens of accounts, or on the way there"
        if wrong:
            yield case.problem(
                "mount-conflict", "volumes", volume.name, "path", message=wrong, hint="mount it elsewhere"
            )
        mounted[path] = f"the volume {volume.name}"


def privileged_port(case: Case) -> Iterator[Problem]:
    """Processes that are not root cannot listen below 1024 under Pod Security `restricted`."""
    ports: list[tuple[tuple[Key, ...], int | None]] = [
        (("jobs", job.name, "metricsPort"), job.metrics_port) for job in case.agent.jobs
    ]
    if case.agent.service:
        ports.append((("service", "port"), case.agent.service.port))
    for path, port in ports:
        if port and port < 1024:
            message = f"port {port} is below 1024, where only root may listen"
            yield case.problem("privileged-port", *path, message=message, hint="listen on a port such as 8080")


def out_of_range(case: Case) -> Iterator[Problem]:
    """Times, in seconds, beyond what Kubernetes takes."""
    times: list[tuple[Path, int, int, int]] = []
    if case.agent.service:
        service = case.agent.service
        times.append((("service", "autoscaling", "scaleDownWindow"), service.autoscaling.scale_down_window, 0, 3600))
        times.append((("service", "health", "startup"), service.health.startup, 1, 86400))
        times.append((("service", "gracePeriod"), service.grace_period, 0, 86400))
        if service.route:
            times.append((("service", "expose", "timeout"), service.route.timeout, 1, 86400))
    times += [(("jobs", job.name, "deadline"), job.deadline, 1, 30 * 86400) for job in case.agent.jobs]
    for path, value, least, most in times:
        if not least <= value <= most:
            message, hint = f"{value} s is not between {least} s and {most} s", "choose a time in between"
            yield case.problem("out-of-range", *path, message=message, hint=hint)


def variable_collision(case: Case) -> Iterator[Problem]:
    """Settings and secrets become environment variables, and each name may mean one thing."""
    hint = "rename one of them"
    owners = dict.fromkeys(OWN_VARIABLES, "set by the pod itself")
    owners |= {environment_variable(secret): f"the shared secret {secret}" for secret in case.agent.shared_secrets}
    for key in case.agent.config:
        if key in owners:
            yield case.problem("variable-collision", "config", key, message=f"is already {owners[key]}", hint=hint)
        owners[key] = f"the setting {key}"
    for index, secret in enumerate(case.agent.secrets.names):
        variable = environment_variable(secret)
        if variable in owners:
            message = f"{secret!r} becomes the variable {variable}, which is already {owners[variable]}"
            yield case.problem("variable-collision", "secrets", index, message=message, hint=hint)
        owners[variable] = f"the secret {secret}"


def image_outside_registry(case: Case) -> Iterator[Problem]:
    registry = case.fleet.registry
    if registry and not case.agent.image.name.startswith(f"{registry}/"):
        message = f"{case.agent.image} is not in {registry}"
        yield case.problem(
            "image-outside-registry", "image", message=message, hint="push it there, or change `registry`"
        )


def image_not_fixed(case: Case) -> Iterator[Problem]:
    """An image that may change under the same name makes a review worth nothing."""
    image = case.agent.image
    if not image.digest and image.tag in (None, "latest"):
        message = f"the tag {image.tag!r} moves" if image.tag else "has neither tag nor digest"
        hint = "name a version, such as :2.1.0, or a digest"
        yield case.problem("image-not-fixed", "image", message=message, hint=hint)
