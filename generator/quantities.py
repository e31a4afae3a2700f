"""Arithmetic on Kubernetes quantities and durations: text in, exact numbers out, and back. Standard library only.

Source of the notation: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

import re
from fractions import Fraction
from functools import lru_cache
from math import ceil

_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50}
_DECIMAL = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15}
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi|)\Z")
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?\Z")


@lru_cache(maxsize=1024)
def amount(quantity: str) -> Fraction:
    """The exact value of a quantity: cores for CPU, bytes for memory and storage. ValueError if it is none.

    >>> amount("500m"), amount("1Ki")
    (Fraction(1, 2), Fraction(1024, 1))
    """
    match = _QUANTITY.match(quantity)
    if not match:
        raise ValueError(f"{quantity!r} is not a Kubernetes quantity")
    number, suffix = match.groups()
    if suffix == "m":
        return Fraction(number) / 1000
    return Fraction(number) * _BINARY.get(suffix, _DECIMAL.get(suffix, 1))


def cores(value: Fraction) -> str:
    """CPU as text, rounded up to whole millicores: `2`, `250m`."""
    millicores = ceil(value * 1000)
    return f"{millicores}m" if millicores % 1000 else str(millicores // 1000)


def size(value: Fraction) -> str:
    """Memory or storage as text, rounded up to whole MiB where there is one: `4Gi`, `512Mi`."""
    count = ceil(value)
    if count > 2**20:
        count = ceil(Fraction(count, 2**20)) * 2**20
    for suffix in ("Pi", "Ti", "Gi", "Mi", "Ki"):
        if count and count % _BINARY[suffix] == 0:
            return f"{count // _BINARY[suffix]}{suffix}"
    return str(count)


def seconds(duration: str) -> int:
    """A duration such as `90s`, `1h30m` or `2d`, in seconds. ValueError if it is none."""
    match = _DURATION.match(duration)
    if not match or not duration:
        raise ValueError(f"{duration!r} is not a duration")
    days, hours, minutes, rest = (int(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest
