"""What a proof finds: a breach, and where in the spec its cause is to be looked for."""

from dataclasses import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class Finding:
    """One breach. `paths` lead into the spec, the likeliest cause first; the first that the spec has is its place."""

    rule: str
    paths: tuple[Path, ...]
    message: str
    hint: str = ""


def of_agent(agent: str, environment: str, *path: str | int) -> tuple[Path, ...]:
    """Where an agent's value may be set: for this environment, for the agent, for the environment, or by default."""
    own: Path = ("agents", agent)
    layers: tuple[Path, ...] = ((*own, "environments", environment), own, ("environments", environment), ("defaults",))
    return (*((*layer, *path[:depth]) for depth in range(len(path), 0, -1) for layer in layers), own)
