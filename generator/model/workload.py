"""What a pod is made of: resources, volumes, placement, image."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Compute:
    """CPU in cores and memory in bytes, as Kubernetes quantities."""

    cpu: str
    memory: str


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What the scheduler reserves for one pod, and what it may use at most."""

    requests: Compute = Compute(cpu="100m", memory="256Mi")
    limits: Compute = Compute(cpu="1", memory="1Gi")
    gpu: int = 0  # whole NVIDIA GPUs; requests equal limits


@dataclass(frozen=True, kw_only=True)
class Volume:
    """A PersistentVolumeClaim. Not shared: ReadWriteOnce, so one pod at a time may use it."""

    name: str
    size: str
    path: str
    shared: bool = False
    storage_class: str | None = None  # None: the platform's class for shared or single volumes


@dataclass(frozen=True, kw_only=True)
class Scheduling:
    """Where pods may run, beyond what GPUs ask for."""

    node_selector: Mapping[str, str] = field(default_factory=dict)
    priority_class: str | None = None


@dataclass(frozen=True, kw_only=True)
class Security:
    """The identity of the pods' processes. Everything else of Pod Security `restricted` is not up for choice."""

    run_as_user: int = 10001
    run_as_group: int = 10001
    user_namespaces: bool = False  # hostUsers: false


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """How a Deployment replaces its pods: counts of pods."""

    max_surge: int = 1
    max_unavailable: int = 0


@dataclass(frozen=True, kw_only=True)
class Image:
    """A container image, taken apart."""

    name: str
    tag: str | None
    digest: str | None

    @classmethod
    def parse(cls, reference: str) -> "Image":
        """
        >>> Image.parse("localhost:5000/x:1.0@sha256:ab")
        Image(name='localhost:5000/x', tag='1.0', digest='sha256:ab')
        """
        rest, _, digest = reference.partition("@")
        head, slash, last = rest.rpartition("/")
        name, _, tag = last.partition(":")
        return cls(name=head + slash + name, tag=tag or None, digest=digest or None)

    def __str__(self) -> str:
        return self.name + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")
