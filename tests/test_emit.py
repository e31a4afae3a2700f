"""What the emitter writes means the same to every reader: PyYAML, libyaml, ruamel as YAML 1.1 and 1.2, and Go."""

import json
import re
import subprocess
import time
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from generator.emit import Plain, document, documents


def _ruamel(version: tuple[int, int]) -> Callable[[str], Any]:
    def load(text: str) -> Any:
        reader = YAML(typ="safe", pure=True)
        reader.version = version
        return reader.load(text)

    return load


READERS: dict[str, Callable[[str], Any]] = {
    "PyYAML": lambda text: yaml.load(text, yaml.SafeLoader),
    "libyaml": lambda text: yaml.load(text, yaml.CSafeLoader),
    "ruamel 1.1": _ruamel((1, 1)),
    "ruamel 1.2": _ruamel((1, 2)),
}
QUICK_READERS = ("libyaml", "ruamel 1.2")  # one of each YAML version, where many examples are read

# Strings that some reader takes for something else if they are written bare.
_WORDS = """
    ~ null Null NULL true True TRUE tRuE false False yes Yes YES no No NO on On ON off Off OFF y Y n N nan inf
    Infinity 0 -0 +1 2 08 017 0o17 0O17 0x1f 0X1F 0b101 0B1 1_000 1__0 0x_1 0b_1 1,000 -1 +12 -0x1f +0b1 -0o7
    99999999999999999999 1.5 1. .5 -.5 +.5 1.10 2.1.0 1e3 1E3 12e5 1e+3 1e-3 1.5e3 1.e3 .5e3 6.02e23 1e999 0x1p3
    0x1.8p1 1_0.5 1.5_0 .inf -.inf +.inf .Inf .INF .nan .NaN .NAN 12:30 12:30:45 1:20.5 -1:30 190:20:30 2001-01-01
    2001-1-1 2001-01-01T00:00:00Z 2001-12-14t21:59:43.10-05:00 = << - -- --- ... ? : | > % @ ` ! & * # { } [ ] ,
    1234567 12345e7 0e1 00e1 7e2b 0d 1f 30d
"""
NOT_STRINGS = _WORDS.split()

# Strings with a character that means something, in a place where it does.
SYNTAX = [
    "", " ", "  ", " a", "a ", "a  b", "a: b", "a :b", "a:", "a:b", "a::b", "a #b", "a# b", "a  #", "#a", "# a", ": a",
    ":a", "- a", "-a", "-1a", "--all", "-- a", "--- a", "---a", "... a", "? a", "?a", "{a", "a}", "{a: 1}", "[a",
    "[a, b]", "a, b", "%a", "%YAML 1.2", "@a", "`a`", "!tag", "!!int 1", "!<x> y", "&a", "&a b", "*a", "*", "|", "|-",
    "| a", ">", ">+", "> a", "'", "''", "'a'", "it's", "'a", '"', '""', '"a"', 'a"b', '"a', "\\", "\\n", "a\\", "a\\b",
    '\\"', "<<: *a", "<<", "=", "= a", "$(VAR)", "${VAR}", "{{ x }}", "a=b", "/", "/a b", "./a", "../a", ".a", "..",
    ".../a", "~/x", "~a", "0 2 * * *", "*/5 * * * *", "2001-01-01 00:00:00", "2001-01-01 00:00:00 Z", "1 2", "1 #",
    "1: 2", "null ", "a null", "null: null", "yes: no", "a\n---\nb", "\n---\n", "a\n...\n", "http://a.b:80/c?d=e&f#g",
    'sum(rate(x{a="b"}[5m])) > 0.5', "a" * 3000, "a b " * 800 + "c", "é" * 3000, "a: " * 800, "_", "_1", "+", "+a",
    "0x", "0xg", "1h", "500m", "1Gi", "25%", "10.0.0.0/8",
]  # fmt: skip

# Characters that readers break lines at, drop, refuse, or that a reviewer cannot see.
CHARACTERS = [
    "\t", "\ta", "a\t", "a\tb", "a:\tb", "a\t#b", "\n", "\n\n", "a\n", "a\nb", "a\nb\n", "a\n\nb", "a\n\n",
    "a\nb\n\n\n", "\na", "\n a", " a\nb", "a\n b", "a\n  b\n c", "a \nb", "a\n \nb", "a\nb ", "a\n ", "a\n\tb",
    "a\t\nb", "a\n# b\n", "# a\nb", "a\n- b", "a: b\nc: d\n", "- a\n- b", "|\n", ">\na", "'\n'", '"\n"', "\r", "\r\n",
    "a\rb", "a\r\nb\r\n", "a\n\rb", "\x85", "a\x85b", "a\n\x85b", "\u2028", "a\u2028b", "a\nb\u2028", "\u2029",
    "a\u2029b\n", "\x00", "a\x00b", "\x07", "\x08", "\x0b", "\x0c", "\x1b[31m", "a\n\x1b", "\x1f", "\x7f", "a\x7fb",
    "\x80", "\x9f", "\xa0", "a\xa0b", "\xa0a", "a:\xa0b", "\xad", "é", "éa", "aé", "naïve — “x” …", "日本語", "a日本",
    "日本\n語\n", "\ud7ff", "\ue000", "\ufeff", "\ufeffa", "a\ufeffb", "\ufffd", "\ufffe", "a\uffff", "\U00010000",
    "a\U0001f600b", "a\n\U0001f600", "\U0010ffff", "\u200b", "a\u200db", "a\u202eb", "\u3000",
]  # fmt: skip

HARD = [*NOT_STRINGS, *SYNTAX, *CHARACTERS]

texts = st.one_of(
    st.text(max_size=12),
    st.text("ae019 :#-?.+_x,'\"\\{}[]|>&*!%@`~=<\n\t\r\x85\u2028\ufeff\U0001f600", max_size=10),
    st.text("ab \n#-", max_size=16),
    st.sampled_from(HARD),
    st.from_regex(r"[-+]?[0-9][0-9a-fox_.:eET+-]{0,8}", fullmatch=True),
)
plains: st.SearchStrategy[Plain] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


def exact(value: Any) -> str:
    """A form in which 1 differs from True and the order of keys counts."""
    return json.dumps(value)


@pytest.mark.parametrize("reader", READERS)
def test_hard_strings_stay_strings_in_every_place(reader: str) -> None:
    assert len(set(HARD)) >= 300
    for text in HARD:
        value: Plain = {"value": text, "list": [text, [text]], "key": {text: text, "z": {text: [text]}}, "last": text}
        wholes: list[Plain] = [value, [text, {text: text}], text]
        for whole in wholes:
            assert exact(READERS[reader](document(whole))) == exact(whole), document(whole)


@pytest.mark.parametrize("reader", QUICK_READERS)
@given(plains)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_any_value_is_read_back(reader: str, value: Plain) -> None:
    assert exact(READERS[reader](document(value))) == exact(value)


@given(st.lists(plains, min_size=1, max_size=4))
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
def test_documents_are_read_back_one_by_one(values: list[Plain]) -> None:
    text = documents(values, "# a header: with 'syntax'\n")
    assert exact(list(yaml.load_all(text, yaml.CSafeLoader))) == exact(values)


@given(plains)
@example(list(HARD))
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_no_line_ends_in_a_space_or_holds_a_tab(value: Plain) -> None:
    text = document(value)
    assert text.endswith("\n")
    assert "\t" not in text
    assert "\r" not in text
    assert not [line for line in text.split("\n") if line.endswith(" ")]


# Kustomize, having read our YAML, passes JSON to its own YAML reader: that refuses these characters and keys of more
# than 1024 bytes as JSON writes them, merges at a key `<<`, and cannot read back what it writes of several lines that
# begin with a tab. Go's readers themselves have no trouble with any of them; the spec's reader refuses what it must.
KUSTOMIZE_REFUSES = re.compile("[\x7f-\x9f\ufffe\uffff]|\\A\t(?s:.*)\n")


def as_go_writes(value: Any) -> str:
    """JSON as Go's json.Marshal has it: a `test` compares bytes, not strings."""
    text = json.dumps(value, ensure_ascii=False)
    return re.sub("[<>&\u2028\u2029]", lambda match: f"\\u{ord(match[0]):04x}", text)


def judged_by_go(kubectl: Path, folder: Path, texts: list[str]) -> subprocess.CompletedProcess[str]:
    """Has Go compare what it reads from our YAML with the same strings from JSON.

    A JSON 6902 `test` tells a string from a number and fails the build; unlike a look at what kustomize prints, it
    does not depend on how kustomize would write the strings.
    """
    texts = [text for text in texts if not KUSTOMIZE_REFUSES.search(text)]
    keys = [text for text in texts if 0 < len(text) < 160 and text != "<<"]
    spec: Plain = {"values": list(texts), "keys": {key: key for key in keys}, "nested": [[[text]] for text in texts]}
    meta: Plain = {"apiVersion": "example.com/v1", "kind": "Sample", "metadata": {"name": "sample"}}
    assert isinstance(meta, dict)
    pointers = [(f"/spec/values/{index}", text) for index, text in enumerate(texts)]
    pointers += [(f"/spec/nested/{index}/0/0", text) for index, text in enumerate(texts)]
    pointers += [("/spec/keys/" + key.replace("~", "~0").replace("/", "~1"), key) for key in keys]
    tests = [{"op": "test", "path": path, "value": text} for path, text in pointers]
    (folder / "sample.yaml").write_text(document({**meta, "spec": spec}), encoding="utf-8", newline="")
    (folder / "tests.json").write_text(as_go_writes(tests), encoding="utf-8", newline="")
    kustomization: Plain = {
        "resources": ["sample.yaml"],
        "patches": [{"path": "tests.json", "target": {"kind": "Sample"}}],
    }
    (folder / "kustomization.yaml").write_text(document(kustomization))
    return subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True, check=False, timeout=60)


def test_hard_strings_stay_strings_in_go(kubectl: Path, tmp_path: Path) -> None:
    run = judged_by_go(kubectl, tmp_path, list(dict.fromkeys(HARD)))
    assert run.returncode == 0, run.stderr


@given(st.lists(texts, min_size=60, max_size=120, unique=True))
@settings(
    max_examples=5,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking asks kubectl a thousand times
)
def test_any_string_stays_a_string_in_go(kubectl: Path, tmp_path: Path, strings: list[str]) -> None:
    run = judged_by_go(kubectl, tmp_path, strings)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("text", ["1e3", "12e5", "0o17", "0x1f", "08", "1_000", "true", "null", "2001-01-01"])
def test_the_judge_in_go_can_say_no(kubectl: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("generator.emit._scalar", lambda text: text)
    assert judged_by_go(kubectl, tmp_path, [text]).returncode != 0


LAYOUT = """\
kind: Deployment
metadata:
  labels:
    tier: "3"
    app.kubernetes.io/name: a
  annotations: {}
spec:
  replicas: 2
  paused: false
  strategy: null
  containers:
  - name: a
    args:
    - scan
    - --all
    env: []
  - name: b
  matrix:
  - - a
    - - b
  - []
  - {}
  - - c:
      - d
  script: |
    #!/bin/sh

    exit 0
  lines:
  - |-
    a
      b
  - c: |
      d
      e
"""


def test_layout_is_the_one_kustomize_writes() -> None:
    value: Plain = {
        "kind": "Deployment",
        "metadata": {"labels": {"tier": "3", "app.kubernetes.io/name": "a"}, "annotations": {}},
        "spec": {
            "replicas": 2,
            "paused": False,
            "strategy": None,
            "containers": [{"name": "a", "args": ["scan", "--all"], "env": []}, {"name": "b"}],
            "matrix": [["a", ["b"]], [], {}, [{"c": ["d"]}]],
            "script": "#!/bin/sh\n\nexit 0\n",
            "lines": ["a\n  b", {"c": "d\ne\n"}],
        },
    }
    assert document(value) == LAYOUT


READABLE = [
    "ghcr.io/example/x:2.1.0", "0 2 * * *", "/var/lib/x", "1h", "500m", "1Gi", "25%", "../../base/x", "--all", "v1",
    "https://github.com/example/x.git", "10.0.0.0/8", "app.kubernetes.io/name", "it's", "a, b", "scan — daily",
    'sum(rate(x{a="b"}[5m])) > 0.5', "5m", "http", "TCP", "n1", "nothing", "offline", "yesterday",
]  # fmt: skip


@pytest.mark.parametrize("text", READABLE)
def test_what_can_only_be_a_string_is_bare(text: str) -> None:
    assert document({"key": text, text: 1}) == f"key: {text}\n{text}: 1\n"


@pytest.mark.parametrize("text", NOT_STRINGS)
def test_what_could_be_something_else_is_quoted(text: str) -> None:
    assert document([text]) == f'- "{text}"\n'


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a\u2028b", r'"a\u2028b"'),
        ("a\ufeffb", r'"a\ufeffb"'),
        ("a\u202eb", r'"a\u202eb"'),  # turns the text around in a review
        ("a\x7f\x85", r'"a\u007f\u0085"'),
        ('a\tb"\\/', r'"a\tb\"\\/"'),
        ("#\U0001f600é", '"#\U0001f600é"'),
    ],
)
def test_quoted_strings_are_json(text: str, written: str) -> None:
    assert document(text) == written + "\n"
    assert json.loads(written) == text


def test_long_lines_are_not_folded() -> None:
    assert document({"a": "b c " * 500 + "d", "e": "- " * 500}).count("\n") == 2


@pytest.mark.parametrize(
    "text", ["k" * 2000, "é" * 300, "\u2028" * 250, "k" * 249, "k" * 250, "\U0001f600" * 249 + "k"]
)
@pytest.mark.parametrize("reader", READERS)
def test_long_keys_are_read_back(reader: str, text: str) -> None:
    value: Plain = {"a": {text: "b", "c": {text: ["d", {text: {"e": "f\ng"}}]}}}
    assert exact(READERS[reader](document(value))) == exact(value)


def test_subclasses_are_written_as_what_they_hold() -> None:
    class Word(str, Enum):  # noqa: UP042 - its str() is not its text, a StrEnum's is
        ON = "on"
        TIER = "tier"

    class Number(int, Enum):
        TWO = 2

    class Fields(dict[str, Plain]):
        pass

    assert document(Fields({Word.TIER: Word.ON, "b": Word.TIER, "c": Number.TWO})) == 'tier: "on"\nb: tier\nc: 2\n'


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": [1.5]}, "not plain data: float"),
        ({"a": (1, 2)}, "not plain data: tuple"),
        ([{1: "a"}], "a key must be a string, not int"),
        ({None: "a"}, "a key must be a string, not NoneType"),
    ],
)
def test_other_types_are_refused(value: Any, message: str) -> None:
    with pytest.raises(TypeError, match=f"^{message}$"):
        document(value)


@pytest.mark.parametrize("value", ["a\ud800b", {"\ud800": 1}, ["a\n\ud800"], "\ude00\ud83d"])
def test_lone_surrogates_are_named(value: Plain) -> None:
    with pytest.raises(ValueError, match=r"U\+D[8E]00 in '"):
        document(value)


def test_documents_and_header() -> None:
    assert documents([{"a": 1}, {"b": "c\n"}, []], "# header\n") == "# header\na: 1\n---\nb: |\n  c\n---\n[]\n"
    assert documents([{"a": 1}]) == "a: 1\n"
    assert documents([], "# header\n") == "# header\n"


def test_a_megabyte_takes_less_than_a_second() -> None:
    """It takes a fiftieth; PyYAML's own emitter would take two seconds."""
    labels: Plain = {f"label-{number}": f"value-{number % 7}" for number in range(30)}
    values: list[Plain] = [{"name": f"agent-{number}", "labels": labels} for number in range(2000)]
    start = time.process_time()
    size = sum(len(document(value)) for value in values)
    assert size > 1_000_000
    assert time.process_time() - start < 1
