"""Tables for a terminal and for a page: columns of words to the left, columns of numbers to the right."""

from collections.abc import Iterator, Sequence

Row = Sequence[str]


def aligned(rows: Sequence[Row], words: int = 1) -> Iterator[str]:
    """Columns as wide as their widest cell; the first `words` of them to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.ljust(width) if index < words else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def markdown(rows: Sequence[Row], words: int = 1) -> Iterator[str]:
    """A Markdown table; the first row is its head."""
    head, *others = rows
    rule = ["---" if index < words else "---:" for index in range(len(head))]
    for row in (head, rule, *others):
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
