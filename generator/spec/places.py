"""Finds the line of the spec that sets a value, whichever layer that is; `layers` folds them the other way round."""

from collections.abc import Iterator, Sequence

from generator.problems import Place
from generator.spec.reader import Document, Key

Path = tuple[Key, ...]


def place_of(document: Document, paths: Sequence[Path]) -> Place:
    """The key at the first of these paths that the spec has, or that a layer below it has.

    A path like `agents.<name>.environments.<env>.rollout` stands for all layers, the uppermost first. Where none of the
    paths is there, the nearest block around one is; in the end, the spec as a whole.
    """
    most = max(map(len, paths), default=0)
    for cut in range(most):
        for path in paths:
            for layer, rest in _layers(document, path):
                # A layer as a whole is no cause of a value that it does not name.
                if len(rest) > cut and document.has(*layer, *rest[: len(rest) - cut]):
                    return document.key_place(*layer, *rest[: len(rest) - cut])
    for path in paths:
        for length in range(len(path), 0, -1):
            if document.has(*path[:length]):
                return document.key_place(*path[:length])
    return document.place()


def layers(document: Document, agent: Key, environment: str | None, path: Path) -> Iterator[tuple[Path, Path]]:
    """Every layer that may set an agent's value, the uppermost first, and the value's path in it."""
    own: Path = ("agents", agent)
    # What layers beside an agent's own say of jobs, they say of all.
    below: Path = ("job", *path[2:]) if path[:1] == ("jobs",) else path
    if environment is not None:
        yield (*own, "environments", environment), path
    yield own, path
    if environment is not None:
        yield ("environments", environment), below
    if document.has(*own, "tier"):
        yield ("tiers", document.written(*own, "tier")), below
    yield ("defaults",), below


def _layers(document: Document, path: Path) -> Iterator[tuple[Path, Path]]:
    match path:
        case ("agents", agent, "environments", str(environment), *rest):
            yield from layers(document, agent, environment, tuple(rest))
        case ("environments", _, *rest):
            yield path[:2], tuple(rest)
            yield ("defaults",), tuple(rest)
        case _:
            yield (), path
