"""`kustodian order`: when Argo CD applies what."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.cli import tables
from generator.cli.proving import proof_command

if TYPE_CHECKING:
    from generator.proofs.evidence import Proof
    from generator.proofs.order.report import OrderReport

WORDS = 5  # columns
LEGEND = "Wave: of the Application itself; - where a person applies it. Its waves: of what it holds, one by one."


def _proof() -> "Proof":
    from generator.proofs import order

    return order


def _text(report: "OrderReport") -> Iterator[str]:
    yield from tables.aligned(list(_rows(report)), WORDS)
    yield ""
    yield LEGEND


def _markdown(report: "OrderReport") -> Iterator[str]:
    yield "### Order"
    yield ""
    yield from tables.markdown(list(_rows(report)), WORDS)
    yield ""
    yield LEGEND


def _rows(report: "OrderReport") -> Iterator[tables.Row]:
    """One row for each wave of each Application, with the kinds that are applied in it."""
    yield "Wave", "Application", "Synced by", "Its waves", "What"
    for application in report.applications:
        own = "-" if application.wave is None else str(application.wave)
        first: tables.Row = (own, application.name, "Argo CD" if application.automatic else "a person")
        for wave in application.waves:
            kinds = dict.fromkeys(item.kind for item in wave.items)
            counts = {kind: sum(item.kind == kind for item in wave.items) for kind in kinds}
            what = ", ".join(f"{count} {kind}" if count > 1 else kind for kind, count in counts.items())
            yield *first, str(wave.number), what
            first = ("", "", "")


@proof_command("order", _proof, _text, markdown=_markdown)
def command() -> None:
    """Say when Argo CD applies what, and fail where something needs what comes later.

    \b
    Examples:
      kustodian order
      kustodian order --format json
    """
