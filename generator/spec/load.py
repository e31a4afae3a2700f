"""From the spec's file to the fleet, or to everything that is wrong with it in one go, in line order."""

from collections.abc import Iterator
from pathlib import Path

from generator.model import Fleet
from generator.problems import Stop
from generator.spec import build, credentials, reader, references, rules, shape
from generator.spec.reader import Key


def load(path: Path, shown_as: str) -> Fleet:
    """Read and check the spec at `path`; problems name it `shown_as`. Raises Stop with every problem found."""
    document, problems = reader.read(path, shown_as)
    shape_ = shape.check(document)
    problems += shape_.problems
    problems += credentials.check(document)
    problems += references.check(document, shape_.sound)
    fleet = build.fleet(shape_.sound)
    # A fault of shape was cut out; what a rule says of the rest of its block may only be due to that.
    cut = [document.span(*block) for fault in shape_.faults for block in _blocks(document, fault)]
    problems += (
        problem for problem in rules.check(fleet, document) if not any(a <= problem.where <= b for a, b in cut)
    )
    if problems:
        raise Stop(set(problems))
    return fleet


def _blocks(document: reader.Document, fault: tuple[Key, ...]) -> Iterator[tuple[Key, ...]]:
    """What rules may have judged together with a faulty value: its block, of its agent in every environment."""
    if fault[:1] != ("agents",):
        yield fault[:2]
    elif fault[2:3] == ("environments",):
        yield fault[:5]
    else:
        yield fault[:3]
        for environment in (
            document.values["environments"] if isinstance(document.values.get("environments"), dict) else ()
        ):
            block = (*fault[:2], "environments", environment, *fault[2:3])
            if document.has(*block):
                yield block
