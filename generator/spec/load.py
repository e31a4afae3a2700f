"""From the spec's file to the fleet, or to everything that is wrong with it in one go, in line order."""

from pathlib import Path

from generator.model import Fleet
from generator.problems import Stop
from generator.spec import build, consequences, credentials, reader, references, rules, shape


def load(path: Path, shown_as: str) -> Fleet:
    """Read and check the spec at `path`; problems name it `shown_as`. Raises Stop with every problem found."""
    return load_with_places(path, shown_as)[0]


def load_with_places(path: Path, shown_as: str) -> tuple[Fleet, reader.Document]:
    """Like `load`, with the document that knows where each value stands."""
    document, problems = reader.read(path, shown_as)
    secrets = credentials.check(document)
    if any(problem.rule in reader.UNREADABLE for problem in problems):
        raise Stop(credentials.without_values(problems, secrets))
    of_shape = shape.check(document)
    sound = of_shape.sound
    names = list(references.check(document, sound))
    fleet = build.fleet(sound.values)
    doubts = list(consequences.doubtful(document, of_shape.faults, names))
    breaches = [problem for problem in rules.check(fleet, sound) if not any(doubt.covers(problem) for doubt in doubts)]
    problems = credentials.without_values([*problems, *of_shape.problems, *names, *breaches], secrets)
    if problems:
        raise Stop(set(problems))
    return fleet, document
