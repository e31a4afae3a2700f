"""Where in the spec a value is set: paths for findings and edits. It reads no spec."""

Path = tuple[str | int, ...]


def of_agent(agent: str, environment: str, *path: str | int) -> Path:
    """Where an agent's value is set for one environment, over every other layer.

    As the place of a finding it stands for all layers: the one that says it is pointed at.
    """
    return ("agents", agent, "environments", environment, *path)


def of_environment(environment: str, *path: str | int) -> Path:
    return ("environments", environment, *path)
