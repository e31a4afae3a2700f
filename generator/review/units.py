"""Where a manifest holds quantities and durations, so that `1` and `1000m`, or `1h` and `60m`, are no difference."""

from typing import Any

from generator import quantities
from generator.mergekeys import Path

_AMOUNTS = {"capacity", "default", "defaultRequest", "hard", "limits", "max", "maxLimitRequestRatio", "min", "requests"}
_SIZES = {"averageValue", "divisor", "sizeLimit"}
_DURATIONS = {
    "argoproj.io": {"duration", "maxDuration"},
    "external-secrets.io": {"refreshInterval"},
    "gateway.networking.k8s.io": {"backendRequest", "request"},
    "monitoring.coreos.com": {"for", "interval", "keep_firing_for", "scrapeTimeout"},
}


def plain(value: Any, group: str, path: Path) -> Any:
    """The value in one way of writing it: quantities and durations as exact numbers, all else as it is.

    >>> plain("1000m", "", ("resources", "limits", "cpu")) == plain(1, "", ("resources", "limits", "cpu"))
    True
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    try:
        if _is_quantity(group, path):
            return quantities.amount(str(value))
        if path and path[-1] in _DURATIONS.get(group, ()):
            return quantities.seconds(str(value))
    except ValueError:
        pass  # written in a way that we do not know; then only the same text is the same
    return value


def _is_quantity(group: str, path: Path) -> bool:
    if path[-1:] == ("storage",) and "volumeClaimTemplates" in path:
        return True
    if group == "autoscaling" and path[-2:] == ("target", "value"):
        return True
    if group == "postgresql.cnpg.io" and path[-1:] == ("size",):
        return True
    return bool(path) and (path[-1] in _SIZES or (len(path) > 2 and path[-2] in _AMOUNTS and path[0] == "spec"))
