"""Label selectors as Kubernetes reads them, and the pods that stand for all that one selects.

Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

Labels = Mapping[str, str]

SOME_VALUE = "*"  # no label's value: what stands for any value


@dataclass(frozen=True)
class Selector:
    """What labels must be. Empty, it selects everything."""

    equal: tuple[tuple[str, str], ...] = ()
    others: tuple[tuple[str, str, tuple[str, ...]], ...] = ()  # key, operator, values

    @property
    def is_empty(self) -> bool:
        return not self.equal and not self.others

    def selects(self, labels: Labels) -> bool:
        return all(labels.get(key) == value for key, value in self.equal) and all(
            _holds(labels.get(key), operator, values) for key, operator, values in self.others
        )

    def witnesses(self, fixed: Labels) -> Iterator[dict[str, str]]:
        """The fewest labels that are selected, one set for each choice of values; `fixed` where nothing is said.

        Whoever selects the witnesses by equal labels selects everything that this selector selects.
        """
        values: dict[str, tuple[str, ...]] = {
            key: (SOME_VALUE,) for key, operator, _ in self.others if operator == "Exists"
        }
        values |= {key: choices for key, operator, choices in self.others if operator == "In"}
        values |= {key: (value,) for key, value in self.equal}
        for choice in product(*values.values()):
            labels = {**fixed, **dict(zip(values, choice, strict=True))}
            if self.selects(labels):
                yield labels


def selector(written: Mapping[str, Any] | None, prefix: str = "") -> Selector:
    """Read a LabelSelector; `prefix` is dropped from its keys."""
    written = written or {}
    equal = ((key.removeprefix(prefix), value) for key, value in written.get("matchLabels", {}).items())
    others = (
        (item["key"].removeprefix(prefix), item["operator"], tuple(item.get("values") or ()))
        for item in written.get("matchExpressions", ())
    )
    return Selector(tuple(sorted(equal)), tuple(sorted(others)))


def _holds(value: str | None, operator: str, values: tuple[str, ...]) -> bool:
    match operator:
        case "In":
            return value in values
        case "NotIn":
            return value not in values  # nor is a label that is not there
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    raise ValueError(f"{operator} is no operator of a label selector")
