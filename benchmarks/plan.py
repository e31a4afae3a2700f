"""What a plan costs beside what it is made of, and how that grows with the fleet. Ratios of one run; never a test.

    make bench

Two edits of a fleet and of one four times as large, in turn: one that touches four agents, and one that touches every
overlay. The first is to grow slowly, since what is the same on both sides is not built; the second is mostly kustomize.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.fleets import fleet
from generator import disk, emit, tree
from generator.model import Fleet
from generator.spec.load import load

SMALL, FACTOR, ROUNDS = 4, 12, 3
LARGE = 200
NOBODY = [f"user.{what}=kustodian@example.invalid" for what in ("name", "email")]
FEW = ("image: ghcr.io/example/ai-agent:2.1.0", "image: ghcr.io/example/ai-agent:2.2.0")
EVERY = ('frameworkVersion: "2.1.0"', 'frameworkVersion: "2.2.0"')


def repository(root: Path, agents: int) -> None:
    """A fleet, compiled and committed."""
    spec = root / "spec" / "agents.yaml"
    spec.parent.mkdir()
    spec.write_text(fleet(agents), encoding="utf-8")
    compile_(root)
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=-")


def git(root: Path, *arguments: str) -> None:
    settings = [part for setting in NOBODY for part in ("-c", setting)]
    subprocess.run(["git", *settings, *arguments], cwd=root, check=True)


def compile_(root: Path) -> None:
    files = ((path, emit.documents(documents, disk.HEADER)) for path, documents in tree.files(_fleet(root)))
    disk.apply(root, disk.compare(root, files, tree.FOLDERS))


def _fleet(root: Path) -> Fleet:
    return load(root / "spec" / "agents.yaml", "agents.yaml")


def seconds(root: Path, *command: str) -> float:
    """The median of whole processes."""
    program = str(Path(sys.executable).with_name("kustodian"))
    taken = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        # Copies of the reference fleet are over its budgets, which ends `generate` with 1.
        done = subprocess.run([program, *command], cwd=root, capture_output=True, check=False)
        assert done.returncode in (0, 1), done.stderr.decode()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def measured(agents: int, edit: tuple[str, str], most: int) -> tuple[float, float]:
    """Seconds of a plan, and of a `generate` of the same fleet that finds nothing to do."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        repository(root, agents)
        spec = root / "spec" / "agents.yaml"
        spec.write_text(spec.read_text(encoding="utf-8").replace(*edit, most), encoding="utf-8")
        compile_(root)
        return seconds(root, "plan", "--from", "main"), seconds(root, "generate", "--dry-run")


def main() -> None:
    print(f"{'edit':28}{'agents':>8}{'plan':>10}{'generate':>10}   ratio")
    for name, edit, most, sizes in (
        ("an image of one agent", FEW, 1, (SMALL, SMALL * FACTOR, LARGE)),
        ("a label of everything", EVERY, -1, (SMALL, SMALL * FACTOR)),
    ):
        for agents in sizes:
            plan, generate = measured(agents, edit, most)
            print(f"{name:28}{agents:>8}{plan:>8.2f} s{generate:>8.2f} s{plan / generate:>8.2f}")


if __name__ == "__main__":
    main()
