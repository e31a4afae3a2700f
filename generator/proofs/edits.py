"""Edits of the spec that a proof suggests: what to set, and how much of the matter it moves. Applies none of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from generator import quantities
from generator.proofs.places import Path

Value = str | int | Mapping[str, int]

_GI = 2**30
_MI = 2**20
_KI = 2**10


@dataclass(frozen=True, kw_only=True)
class Edit:
    """Values to set in the spec, together; `moves` is how much of the resource in question they add or free."""

    settings: tuple[tuple[Path, Value], ...]
    moves: Fraction

    def __str__(self) -> str:
        return " and ".join(f"{'.'.join(map(str, path))} to {_written(value)}" for path, value in self.settings)

    def as_json(self) -> list[dict[str, Any]]:
        return [{"path": list(path), "value": value} for path, value in self.settings]


def one(path: Path, value: Value, moves: Fraction) -> Edit:
    return Edit(settings=((path, value),), moves=moves)


def smallest_first(edits: Iterable[Edit | None]) -> tuple[Edit, ...]:
    """Those that there are, by how much they move; of equals, the first named comes first."""
    return tuple(sorted((edit for edit in edits if edit), key=lambda edit: edit.moves))


def hint(edits: Iterable[Edit], otherwise: str) -> str:
    choices = ", or ".join(map(str, edits))
    return f"set {choices}" if choices else otherwise


# ------------------------------------------------------------------------------------------------------------- numbers


def unit(key: str) -> str:
    """What a quota key or a resource is counted in."""
    name = key.rpartition(".")[2]
    return {"cpu": "cores", "memory": "bytes", "storage": "bytes"}.get(name, "count")


def shown(key: str, amount: Fraction) -> str:
    """An amount for people, exact to a thousandth: `8.2`, `1.5Gi`, `3`."""
    if unit(key) == "bytes":
        scale, suffix = (_GI, "Gi") if abs(amount) >= _GI else (_MI, "Mi")
        return _decimal(amount / scale) + (suffix if amount else "")
    return _decimal(amount)


def number(key: str, amount: Fraction) -> float | int:
    """An amount for machines: cores as a decimal, bytes and counts as whole numbers."""
    return float(amount) if unit(key) == "cores" and amount.denominator != 1 else ceil(amount)


def at_least(key: str, amount: Fraction, like: Fraction) -> tuple[str | int, Fraction]:
    """A value for the spec that is `amount` or a little more, in whole cores or GiB if `like` is; and its amount."""
    match unit(key):
        case "cores" if like and like.denominator == 1:
            return ceil(amount), Fraction(ceil(amount))
        case "bytes" if like and like % _GI == 0:
            return f"{ceil(amount / _GI)}Gi", Fraction(ceil(amount / _GI) * _GI)
        case "cores":
            value: str | int = quantities.cores(amount)
        case "bytes":
            value = quantities.size(Fraction(ceil(amount / _KI) * _KI))
        case _:
            value = ceil(amount)
    return value, quantities.amount(str(value))


def at_most(key: str, amount: Fraction) -> tuple[str, Fraction]:
    """A value for the spec that is `amount` or a little less, in whole millicores, MiB or KiB; and its amount."""
    if unit(key) == "cores":
        least = Fraction(floor(amount * 1000), 1000)
        return quantities.cores(least), least
    step = _MI if amount >= _MI else _KI
    least = Fraction(floor(amount / step) * step)
    return quantities.size(least), least


def _decimal(amount: Fraction) -> str:
    whole, rest = divmod(abs(round(amount * 1000)), 1000)
    return ("-" if amount < 0 else "") + str(whole) + (f".{rest:03d}".rstrip("0") if rest else "")


def _written(value: Value) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {item}" for key, item in value.items()) + "}"
    return str(value)
