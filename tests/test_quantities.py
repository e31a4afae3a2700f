"""Arithmetic on quantities and durations: exact, rounded up where it must be written, refused where it is none."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import quantities
from generator.spec import shape


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", Fraction(1)), ("0", Fraction(0)), ("500m", Fraction(1, 2)), ("0.1", Fraction(1, 10)),
        ("1k", Fraction(1000)),
        ("1Ki", Fraction(1024)), ("1.5Gi", Fraction(3 * 2**29)), ("1M", Fraction(10**6)), ("2Pi", Fraction(2**51)),
        ("100.0", Fraction(100)),
    ],
)  # fmt: skip
def test_amounts_are_exact(text: str, value: Fraction) -> None:
    assert quantities.amount(text) == value


@pytest.mark.parametrize(
    "text", ["", "Gi", "1 Gi", "1gi", "1KI", "-1", "+1", "1e3", "1.", ".5", "1Gi\n", "1mi", "0x1", "\u0661x"]
)
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match="is not a Kubernetes quantity"):
        quantities.amount(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [("1/2", "500m"), ("2", "2"), ("1/3", "334m"), ("1/10000", "1m"), ("0", "0"), ("2.5", "2500m")],
)
def test_cores_are_rounded_up_to_a_millicore(value: str, text: str) -> None:
    assert quantities.cores(Fraction(value)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(2**30), "1Gi"), (Fraction(2**29), "512Mi"), (Fraction(2**20 + 1), "2Mi"),
        (Fraction(2**40 * 3), "3Ti"),
        (Fraction(2**20), "1Mi"), (Fraction(1023), "1023"), (Fraction(2048), "2Ki"), (Fraction(1, 3), "1"),
        (Fraction(0), "0"),
    ],
)  # fmt: skip
def test_sizes_are_rounded_up_to_a_mebibyte(value: Fraction, text: str) -> None:
    assert quantities.size(value) == text


amounts = st.fractions(min_value=0, max_value=2**50)


@given(amounts)
def test_what_is_written_is_enough_and_hardly_more(value: Fraction) -> None:
    assert 0 <= quantities.amount(quantities.cores(value)) - value < Fraction(1, 1000)
    assert 0 <= quantities.amount(quantities.size(value)) - value < max(2**20, 1)
    assert quantities.size(quantities.amount(quantities.size(value))) == quantities.size(value)


@pytest.mark.parametrize(
    ("text", "seconds"), [("0s", 0), ("90s", 90), ("30m", 1800), ("1h30m", 5400), ("2d", 172800), ("1d1h1m1s", 90061)]
)
def test_durations(text: str, seconds: int) -> None:
    assert quantities.seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "s", "1.5h", "1s1m", "-1s", "1 h", "1H", "1h\n", "1w"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        quantities.seconds(text)


def pattern(name: str) -> str:
    return str(shape.schema()["$defs"][name]["pattern"])


@given(
    st.from_regex(pattern("cpu").removesuffix("$"), fullmatch=True) | st.from_regex(pattern("bytes"), fullmatch=True)
)
def test_every_quantity_that_the_schema_takes_is_one(text: str) -> None:
    assert quantities.amount(text.removesuffix("\n")) > 0


@given(st.from_regex(pattern("duration").replace("(?=.)", ""), fullmatch=True).filter(str.strip))
def test_every_duration_that_the_schema_takes_is_one(text: str) -> None:
    assert quantities.seconds(text.removesuffix("\n")) >= 0


@given(st.floats(0.001, 999_999))
def test_every_number_of_cores_that_the_schema_takes_is_a_quantity(number: float) -> None:
    assert quantities.amount(str(number)) > 0
