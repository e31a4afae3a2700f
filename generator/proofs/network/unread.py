"""Names what an object says beyond the fields that a reader of it knows, so that nothing is passed over in silence."""

from collections.abc import Iterator
from typing import Any


def unread(written: Any, known: Any, path: str) -> Iterator[str]:
    """The paths of what is not known, in order. `known` is True where everything below is."""
    if known is True:
        return
    for item in written if isinstance(written, list) else [written]:
        for key, value in item.items():
            if key in known:
                yield from unread(value, known[key], f"{path}.{key}")
            else:
                yield f"{path}.{key}"
