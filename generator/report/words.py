"""Figures as people read them: dollars, quantities, ports, shares. Knows nothing of the fleet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Data = Mapping[str, Any]

_UNITS = (("Ti", 2**40), ("Gi", 2**30), ("Mi", 2**20))


@dataclass(frozen=True, kw_only=True)
class Bar:
    """An amount against what there may be of it: the text, and how much of the bar it fills, in percent."""

    value: str
    bound: str | None
    share: float | None  # of the bound, in percent; None: there is no bound
    over: bool

    @property
    def width(self) -> float:
        return min(self.share or 0.0, 100.0)


def money_bar(value: float, budget: float | None) -> Bar:
    """USD a month against a budget."""
    if budget is None:
        return Bar(value=usd(value), bound=None, share=None, over=False)
    return Bar(value=usd(value), bound=usd(budget), share=percent(value, budget), over=value > budget)


def percent(value: float, whole: float) -> float:
    """To a tenth; of nothing, nothing is 0 % and everything else 100 %.

    >>> percent(12.38, 50), percent(0, 0), percent(1, 0)
    (24.8, 0.0, 100.0)
    """
    if not whole:
        return 100.0 if value else 0.0
    return round(value / whole * 100, 1)


def usd(amount: float) -> str:
    """
    >>> usd(1600), usd(12.5), usd(0)
    ('$1,600', '$12.50', '$0')
    """
    cents = round(amount * 100)
    return f"${cents // 100:,}" if cents % 100 == 0 else f"${cents // 100:,}.{cents % 100:02}"


def quantity(unit: str, amount: float) -> str:
    """An amount of a proof's JSON in its unit: cores, bytes or a count.

    >>> quantity("bytes", 6.75 * 2**30), quantity("cores", 3.525), quantity("count", 4)
    ('6.75Gi', '3.525', '4')
    """
    if unit == "bytes":
        for suffix, size in _UNITS:
            if abs(amount) >= size:
                return _plain(amount / size) + suffix
    return _plain(amount)


def _plain(amount: float) -> str:
    return f"{amount:.3f}".rstrip("0").rstrip(".")


def ports(ranges: Iterable[Data]) -> str:
    """Ports by protocol, and what both TCP and UDP have alike once.

    >>> ports([{"protocol": "TCP", "first": 53, "last": 53}, {"protocol": "UDP", "first": 53, "last": 53}])
    'TCP/UDP 53'
    """
    by_protocol: dict[str, list[str]] = {}
    for part in ranges:
        first, last = part["first"], part["last"]
        text = "any" if (first, last) == (1, 65535) else str(first) if first == last else f"{first}-{last}"
        by_protocol.setdefault(part["protocol"], []).append(text)
    alike: dict[str, list[str]] = {}
    for protocol, texts in by_protocol.items():
        alike.setdefault(", ".join(texts), []).append(protocol)
    if list(alike) == ["any"] and len(alike["any"]) == 3:
        return "every port"
    return ", ".join(f"{'/'.join(protocols)} {texts}" for texts, protocols in alike.items())


def shortened(text: str, most: int) -> str:
    """At most `most` characters, with an ellipsis in the middle: both ends of a name tell it from its neighbours.

    >>> shortened("autoscaling.us-east-1.amazonaws.com", 20)
    'autoscalin…onaws.com'
    """
    if len(text) <= most:
        return text
    head = most // 2
    return f"{text[:head]}…{text[len(text) - (most - head - 1) :]}"
