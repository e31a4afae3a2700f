"""Every kind of unreadable input ends in one clear line with its place; the rest is read as YAML 1.2 means it."""

import time
from pathlib import Path
from typing import Any

import pytest

from generator.problems import ExitCode, Place, Stop
from generator.spec import reader
from generator.spec.load import load
from tests.support import REFERENCE

SPEC = REFERENCE.read_bytes()


def problems_in(data: bytes | str, folder: Path) -> list[str]:
    file = folder / "agents.yaml"
    file.write_bytes(data if isinstance(data, bytes) else data.encode())
    with pytest.raises(Stop) as stop:
        load(file, "agents.yaml")
    assert stop.value.code is ExitCode.BAD_INPUT
    return [str(problem).removeprefix("agents.yaml") for problem in stop.value.problems]


BRACKETS = "check the brackets, commas and quotes before it"
START = "found character that cannot start any token; a tab cannot indent YAML, and `@`, `` ` `` and `%` need quotes"
INDENT = "mapping values are not allowed in this context; check the indentation, or quote the text with the colon in it"
STARRED = "did not find expected alphabetic or numeric character; put text that starts with `*` or `&` in quotes"
EMPTY = ": error[empty]: is empty; start it with `apiVersion: kustodian.dev/v1`"

UNREADABLE: dict[bytes | str, str] = {
    # Syntax
    "a: [": f":2:1: error[syntax]: did not find expected node content; {BRACKETS}",
    "a: [b": f":2:1: error[syntax]: did not find expected ',' or ']'; {BRACKETS}",
    "a: {b: c\nd: e\n": f":2:2: error[syntax]: did not find expected ',' or '}}'; {BRACKETS}",
    "a: ]\n": f":1:4: error[syntax]: did not find expected node content; {BRACKETS}",
    "a: 'b\nc: d\n": ":1:4: error[syntax]: found unexpected end of stream; a quote that opens here is never closed",
    "a: b: c\n": f":1:5: error[syntax]: {INDENT}",
    "a: 1\n b: 2\n": f":2:3: error[syntax]: {INDENT}",
    "a:\n  - b\n c: 1\n": ":3:2: error[syntax]: did not find expected key; check the indentation and the quotes above",
    "a:\n\tb: 1\n": f":2:1: error[syntax]: {START}",
    "a: @b\n": f":1:4: error[syntax]: {START}",
    "é: `b`\n": f":1:4: error[syntax]: {START}",
    "schedule: */5 * * * *\n": f":1:12: error[syntax]: {STARRED}",
    "schedule: * * * * *\n": f":1:12: error[syntax]: {STARRED}",
    "a: *b\n": ":1:4: error[syntax]: found undefined alias; put text that starts with `*` in quotes",
    "a: &x 1\nb: &x 2\n": ":2:4: error[syntax]: there is a second anchor of this name; anchors are not supported; "
    "write the value out",
    "a: 1\n---\nb: 2\n": ":2:1: error[syntax]: there is a second document; keep one; "
    "delete the `---` and what follows it",
    "%YAML 3.0\n---\na: 1\n": ":1:1: error[syntax]: found incompatible YAML document",
    # Nesting
    "[" * 100_000: ":1:50: error[syntax]: is nested too deeply",
    "{a: " * 100_000: ":1:197: error[syntax]: is nested too deeply",
    "- " * 100_000: ":1:99: error[syntax]: is nested too deeply",
    "".join(f"{' ' * depth}a:\n" for depth in range(1000)): ":50:50: error[syntax]: is nested too deeply",
    # Characters
    "a: \0": ":1:4: error[syntax]: character U+0000 may not stand in YAML; delete it",
    "é: é\né: \x07é\n": ":2:4: error[syntax]: character U+0007 may not stand in YAML; delete it",
    "é" * 99 + "\ufffe": ":1:100: error[syntax]: character U+FFFE may not stand in YAML; delete it",
    b"a: 1\nb: \xe9\n": ":2:4: error[encoding]: byte 0xe9 is not UTF-8; save the file as UTF-8",
    b"\xef\xbb\xbfa: \xe9\n": ":1:4: error[encoding]: byte 0xe9 is not UTF-8; save the file as UTF-8",
    "é: ".encode() + b"\xff": ":1:4: error[encoding]: byte 0xff is not UTF-8; save the file as UTF-8",
    b"a: \xed\xa0\x80": ":1:4: error[encoding]: byte 0xed is not UTF-8; save the file as UTF-8",
    "a: 1\n".encode("utf-16"): ":1:1: error[encoding]: byte 0xff is not UTF-8; save the file as UTF-8",
    "a: 1\n".encode("utf-16-le"): ":1:2: error[syntax]: character U+0000 may not stand in YAML; delete it",
    # Nothing in it
    "": EMPTY,
    "# a comment\n": EMPTY,
    "---\n": EMPTY,
    "--- ~\n...\n": EMPTY,
    b"\xef\xbb\xbf": EMPTY,
    # Something else in it
    "text\n": ":1:1: error[wrong-type]: the spec: 'text' is not a mapping; expected: a fleet of AI agents",
    "- a\n": ":1:1: error[wrong-type]: the spec: a list is not a mapping; expected: a fleet of AI agents",
    "5\n": ":1:1: error[wrong-type]: the spec: 5 is not a mapping; expected: a fleet of AI agents",
    "x" * 10 * 2**20: ": error[too-large]: is larger than 5 MiB; a thousand agents take about one",
    # What YAML has and the spec has not
    "a: &x 1\n": ":1:4: error[alias]: &x: anchors and aliases are not supported; delete it",
    "a: {<<: {b: 1}}\n": ":1:5: error[merge-key]: merge keys are not supported; "
    "write the values out, or use `defaults`",
    "a: !!str 1\n": ":1:4: error[tag]: a: tag '!!str' is not supported; delete it",
    "a: !x [1]\n": ":1:4: error[tag]: a: tag '!x' is not supported; delete it",
    "!x a: 1\n": ":1:1: error[tag]: a: tag '!x' is not supported; delete it",
    "--- !!map\na: 1\n": ":1:5: error[tag]: the spec: tag '!!map' is not supported; delete it",
    "? [a]\n: b\n": ":1:3: error[key]: a key must be text; write a plain word",
    "{a: 1}: b\n": ":1:1: error[key]: a key must be text; write a plain word",
}


@pytest.mark.parametrize("data", UNREADABLE, ids=lambda data: repr(data[:24]))
def test_unreadable_input_is_one_line_with_its_place(data: bytes | str, tmp_path: Path) -> None:
    assert problems_in(data, tmp_path) == [UNREADABLE[data]]


def test_all_that_can_be_read_past_is_reported_at_once(tmp_path: Path) -> None:
    text = "a: &x {b: 1}\nc: *x\nd:\n  <<: *x\ne: !t 1\ne: 2\nf: {? [g] : 1}\nh: [*x, *x]\n"
    alias = "anchors and aliases are not supported"
    assert problems_in(text, tmp_path) == [
        f":1:4: error[alias]: &x: {alias}; delete it",
        f":2:4: error[alias]: *x: {alias}; write the value out",
        ":4:3: error[merge-key]: merge keys are not supported; write the values out, or use `defaults`",
        f":4:7: error[alias]: *x: {alias}; write the value out",
        ":5:4: error[tag]: e: tag '!t' is not supported; delete it",
        ":6:1: error[duplicate-key]: key 'e' is already on line 5; delete one of them",
        ":7:7: error[key]: a key must be text; write a plain word",
        f":8:5: error[alias]: *x: {alias}; write the value out",
        f":8:9: error[alias]: *x: {alias}; write the value out",
    ]


def test_a_billion_laughs_are_refused_at_once(tmp_path: Path) -> None:
    lines = ["a0: &a0 [ha, ha]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    begin = time.process_time()
    problems = problems_in("\n".join(lines), tmp_path)
    assert time.process_time() - begin < 2
    assert len(problems) == 30 + 29 * 9
    assert all("error[alias]" in problem for problem in problems)


def test_an_anchor_that_holds_itself_is_refused(tmp_path: Path) -> None:
    assert [line.split(": ")[1] for line in problems_in("a: &x [*x]\n", tmp_path)] == ["error[alias]"] * 2


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.yaml", "there is no such file; name it with --spec, or the folder with --root"),
        ("", "cannot be read: Is a directory"),
        ("file/agents.yaml", "cannot be read: Not a directory"),
        ("loop", "cannot be read: Too many levels of symbolic links"),
        ("n" * 300, "cannot be read: File name too long"),
    ],
)
def test_a_file_that_cannot_be_opened(name: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a: 1\n", encoding="utf-8")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(Stop) as stop:
        load(tmp_path / name, "spec/agents.yaml")
    assert str(stop.value) == f"spec/agents.yaml: error[no-spec]: {message}"
    assert stop.value.code is ExitCode.BAD_INPUT


@pytest.mark.parametrize(
    "data",
    [
        SPEC,
        SPEC.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + SPEC,
        b"%YAML 1.2\n---\n" + SPEC + b"...\n",
        SPEC.rstrip(b"\n"),
        SPEC + b"\n\n# the end\n",
    ],
    ids=["as it is", "Windows line ends", "byte order mark", "document marks", "no last line end", "blank lines"],
)
def test_harmless_differences_are_accepted(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "agents.yaml"
    file.write_bytes(data)
    assert load(file, "agents.yaml") == load(REFERENCE, "agents.yaml")


def test_as_many_bytes_as_are_allowed_are_read(tmp_path: Path) -> None:
    file = tmp_path / "agents.yaml"
    file.write_bytes(SPEC.ljust(reader.MAX_BYTES, b"\n"))
    load(file, "agents.yaml")
    assert "too-large" in problems_in(SPEC.ljust(reader.MAX_BYTES + 1, b"\n"), tmp_path)[0]


def test_as_much_depth_as_is_allowed_is_read() -> None:
    reader.parse("[" * reader.MAX_DEPTH + "]" * reader.MAX_DEPTH, "x")
    with pytest.raises(Stop, match="nested too deeply"):
        reader.parse("[" * (reader.MAX_DEPTH + 1) + "]" * (reader.MAX_DEPTH + 1), "x")


@pytest.mark.parametrize(
    "text", ["R&D", "a & b", "a && b", "2 * 3", "'*'", '"&a"', "a&b*c", "https://x/?a=1&b=2", "x[*]"]
)
def test_stars_and_ampersands_inside_text_are_text(text: str) -> None:
    document, problems = reader.parse(f"a: {text}\n", "x")
    assert problems == []
    assert document.values == {"a": text.strip("'\"")}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("NULL", None), ("nULL", "nULL"),
        ("true", True), ("False", False), ("TRUE", True), ("yes", "yes"), ("on", "on"), ("y", "y"), ("tRUE", "tRUE"),
        ("0", 0), ("-0", 0), ("+5", 5), ("007", 7), ("0o17", 15), ("0x1F", 31), ("0b1", "0b1"), ("1_000", "1_000"),
        ("1.5", 1.5), ("1.", 1.0), (".5", 0.5), ("1e3", 1000.0), ("1E-3", 0.001), (".", "."), ("e3", "e3"),
        ("1e", "1e"),
        ("12:30", "12:30"), ("12:30:45", "12:30:45"), ("2001-01-01", "2001-01-01"), ("1.2.3", "1.2.3"), ("=", "="),
        (".inf", ".inf"), (".nan", ".nan"), ("1e999", "1e999"), ("-1e999", "-1e999"),
        ("9" * 18, 10**18 - 1), ("9" * 19, "9" * 19), ("9" * 5000, "9" * 5000), ("0x" + "f" * 16, "0x" + "f" * 16),
        ("٣", "٣"), ("5 # five", 5), ("'5'", "5"), ('"true"', "true"), ("|\n  5\n", "5\n"),
    ],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_scalars_are_read_by_the_core_schema(text: str, value: Any) -> None:
    document, problems = reader.parse(f"a: {text}\n", "x")
    assert problems == []
    found = document.values["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("key", ["1", "1.5", "true", "null", "~", "yes", "2001-01-01", "''", '"a b"', "é"])
def test_keys_are_always_text(key: str) -> None:
    document, _ = reader.parse(f"{key}: 1\n", "x")
    assert document.values == {key.strip("'\""): 1}


DOCUMENT = """\
a:
  b: 1
  c: [x, {d: y}]
  e:
    - f: 2
      g: 3
"""


def test_each_value_knows_its_place() -> None:
    document, _ = reader.parse(DOCUMENT, "x")
    places = {
        (): (1, 1), ("a",): (2, 3), ("a", "b"): (2, 6), ("a", "c", 0): (3, 7), ("a", "c", 1, "d"): (3, 14),
        ("a", "e", 0): (5, 7), ("a", "e", 0, "g"): (6, 10),
        # What is not there is at the nearest that is.
        ("a", "z"): (2, 3), ("a", "c", 2): (3, 6), ("a", "b", "z", 0): (2, 6), ("z",): (1, 1),
    }  # fmt: skip
    assert {path: document.place(*path) for path in places} == {path: Place("x", *at) for path, at in places.items()}
    assert document.key_place("a", "e", 0, "g") == Place("x", 6, 7)
    assert document.key_place("a", "c", 1) == Place("x", 3, 10)
    assert document.has("a", "e", 0, "f")
    assert not document.has("a", "e", 1)
    assert not document.has("a", "b", "c")
    assert document.written("a", "e", 0, "f") == "2"
    assert document.span("a", "c") == (Place("x", 3, 3), Place("x", 3, 17))


def test_what_is_left_of_a_list_keeps_its_places_and_names() -> None:
    document, _ = reader.parse("a:\n- 0\n- 1\n- [x, y, z]\n- 3\n", "x")
    rest = document.without({"a": [1, ["z"], 3]}, [("a", 0), ("a", 2, 0), ("a", 2, 1)])
    assert (rest.place("a", 0), rest.name("a", 0)) == (Place("x", 3, 3), "a.1")
    assert (rest.place("a", 1, 0), rest.name("a", 1, 0)) == (Place("x", 4, 10), "a.2.2")
    again = rest.without({"a": [3]}, [("a", 0), ("a", 1)])
    assert (again.place("a", 0), again.name("a", 0)) == (Place("x", 5, 3), "a.3")
    assert document.name("a", 2, 1) == "a.2.1"
    assert rest.name("a", 9, "b") == "a.9.b"
