"""How the compiler's time grows with the fleet, and what starting it costs. Ratios measured in one run; never a test.

    make bench

Each stage is timed for a fleet and for one four times as large, in turn: 4 means linear. The start of `kustodian
--help` is given as a multiple of `python -c "import click"`.
"""

import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.fleets import fleet
from generator import disk, emit, tree
from generator.spec.load import load

SMALL, FACTOR, ROUNDS = 250, 4, 5


def stages(spec: Path, root: Path) -> dict[str, float]:
    """Seconds of each stage, once."""
    seconds = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        result = work()
        seconds[name] = time.perf_counter() - start
        return result

    model = timed("read and check", lambda: load(spec, "agents.yaml"))
    files = timed("compile", lambda: list(tree.files(model)))
    texts = timed("emit", lambda: [(path, emit.documents(documents, disk.HEADER)) for path, documents in files])
    changes = timed("compare with nothing", lambda: disk.compare(root, texts, tree.FOLDERS))
    timed("write", lambda: disk.apply(root, changes))
    timed("compare with the same", lambda: disk.compare(root, texts, tree.FOLDERS))
    return seconds


def main() -> None:
    gc.disable()  # as the command does
    sizes: dict[int, list[dict[str, float]]] = {SMALL: [], SMALL * FACTOR: []}
    for _ in range(ROUNDS):
        for agents, rounds in sizes.items():
            with TemporaryDirectory() as folder:
                spec = Path(folder) / "agents.yaml"
                spec.write_text(fleet(agents), encoding="utf-8")
                rounds.append(stages(spec, Path(folder)))
            gc.collect()
    small, large = sizes.values()
    print(f"{'stage':24}{SMALL:>8} agents{SMALL * FACTOR:>8} agents   ratio (4 is linear)")
    for stage in small[0]:
        one, other = (statistics.median(row[stage] for row in rounds) for rounds in (small, large))
        print(f"{stage:24}{one:>13.3f} s{other:>13.3f} s{other / one:>8.2f}")
    click, kustodian = (
        start([sys.executable, "-c", "import click"]),
        start([str(Path(sys.executable).with_name("kustodian")), "--help"]),
    )
    print(f"\nkustodian --help takes {kustodian / click:.2f} times what `python -c 'import click'` takes")


def start(command: list[str]) -> float:
    """The median seconds of a whole process."""
    seconds = []
    for _ in range(15):
        begin = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)  # fixed commands
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


if __name__ == "__main__":
    main()
