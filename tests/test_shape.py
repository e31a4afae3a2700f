"""The schema: sound, described, closed, of one mind with the model; and no input, however odd, gives a traceback."""

import json
import re
import time
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from generator import model, quantities
from generator.model import Fleet
from generator.problems import ExitCode, Stop
from generator.spec import shape
from generator.spec.load import load
from tests.support import MORE, REFERENCE, as_yaml

TEXT = REFERENCE.read_text(encoding="utf-8")
Path_ = tuple[str | int, ...]


# ----------------------------------------------------------------------------------------------------------- the schema


def parts(part: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every schema within the schema, with its path."""
    yield path, part
    for key in ("properties", "$defs"):
        for name, inner in part.get(key, {}).items():
            yield from parts(inner, (*path, key, name))
    for key in ("additionalProperties", "items", "propertyNames", "not", "if", "then"):
        if isinstance(part.get(key), dict):
            yield from parts(part[key], (*path, key))
    for key in ("anyOf", "oneOf", "allOf"):
        for number, inner in enumerate(part.get(key, [])):
            yield from parts(inner, (*path, key, str(number)))


PARTS = list(parts(shape.schema()))
# What only says which keys go together describes nothing of its own.
DESCRIBING = [(path, part) for path, part in PARTS if not {"if", "then", "not", "oneOf", "allOf"} & set(path)]


def description_of(part: dict[str, Any]) -> str:
    reference = part.get("$ref", "").rpartition("/")[2]
    return str(part.get("description") or (shape.schema()["$defs"][reference]["description"] if reference else ""))


def test_the_schema_is_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(shape.schema())
    assert jsonschema_rs.meta.is_valid(shape.schema())
    assert len(PARTS) > 300


def test_every_property_is_described() -> None:
    properties = [(path, part) for path, part in DESCRIBING if len(path) > 1 and path[-2] in ("properties", "$defs")]
    assert len(properties) > 200
    assert [path for path, part in properties if not description_of(part)] == []
    assert [path for path, part in properties if not description_of(part).endswith((".", "`", ")"))] == []


def test_every_object_is_closed() -> None:
    assert [
        path for path, part in DESCRIBING if "properties" in part and part.get("additionalProperties") is not False
    ] == []
    assert [
        path for path, part in DESCRIBING if part.get("type") == "object" and "additionalProperties" not in part
    ] == []


def test_every_name_in_the_schema_leads_somewhere_and_is_used() -> None:
    names = {part["$ref"].removeprefix("#/$defs/") for _, part in PARTS if "$ref" in part}
    assert names == set(shape.schema()["$defs"])


def types_of(part: dict[str, Any]) -> list[str]:
    types = part.get("type", [])
    return [types] if isinstance(types, str) else types


def test_every_number_has_bounds() -> None:
    """Beyond them a float prints as `1e+300`, and no cluster has as much of anything."""
    numbers = [(path, part) for path, part in DESCRIBING if {"integer", "number"} & set(types_of(part))]
    unbounded = [path for path, part in numbers if "maximum" not in part and path[-1] != "tier"]
    assert len(numbers) > 20
    assert unbounded == []


def test_what_a_store_needs_it_needs_in_an_environment_too() -> None:
    stores = shape.schema()["$defs"]
    assert stores["storeOverride"]["allOf"] == stores["secretStore"]["allOf"]
    whole, override = ({key: _bare(part) for key, part in store.items()} for store in _properties_of_stores())
    assert {key: whole[key] for key in override} == override


def _properties_of_stores() -> Iterator[dict[str, Any]]:
    for name in ("secretStore", "storeOverride"):
        yield shape.schema()["$defs"][name]["properties"]


def _bare(part: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key != "description"}


SECONDS = "seconds"
# Where the schema's words state a default and the model holds it. Durations are seconds in the model.
DEFAULTS: dict[tuple[str, ...], tuple[str, object]] = {
    ("gitops", "targetRevision"): ("main", model.GitOps.target_revision),
    ("gitops", "argocdNamespace"): ("argocd", model.GitOps.argocd_namespace),
    ("autoscaling", "cpu"): ("70", model.Autoscaling.cpu),
    ("autoscaling", "scaleDownWindow"): (SECONDS, model.Autoscaling.scale_down_window),
    ("health", "path"): ("/health", model.Health.path),
    ("health", "startup"): (SECONDS, model.Health.startup),
    ("job", "timeZone"): ("Etc/UTC", model.Job.time_zone),
    ("job", "duration"): (SECONDS, model.Job.duration),
    ("job", "deadline"): (SECONDS, model.Job.deadline),
    ("job", "startingDeadline"): (SECONDS, model.Job.starting_deadline),
    ("job", "keepFinished"): (SECONDS, model.Job.keep_finished),
    ("job", "retries"): ("1", model.Job.retries),
    ("job", "suspend"): ("false", model.Job.suspend),
    ("replicas", "min"): ("1", model.Replicas.min),
    ("replicas", "max"): ("1", model.Replicas.max),
    ("resources", "gpu"): ("0", model.Resources.gpu),
    ("rollout", "maxSurge"): ("1", model.Rollout.max_surge),
    ("rollout", "maxUnavailable"): ("0", model.Rollout.max_unavailable),
    ("security", "runAsUser"): ("10001", model.Security.run_as_user),
    ("security", "runAsGroup"): ("10001", model.Security.run_as_group),
    ("security", "userNamespaces"): ("false", model.Security.user_namespaces),
    ("service", "port"): ("8080", model.Service.port),
    ("service", "metricsPath"): ("/metrics", model.Service.metrics_path),
    ("service", "gracePeriod"): (SECONDS, model.Service.grace_period),
    ("secretStore", "service"): ("SecretsManager", model.AwsStore.service),
    ("secretStore", "path"): ("secret", model.VaultStore.path),
    ("secretStore", "mountPath"): ("kubernetes", model.VaultStore.mount_path),
    ("quota", "loadBalancers"): ("0", model.Quota.load_balancers),
    ("quota", "gpu"): ("0", model.Quota.gpu),
    ("volume", "shared"): ("false", model.Volume.shared),
}  # fmt: skip


def stated_default(*path: str) -> str:
    block, key = path
    owner = shape.schema()["$defs"].get(block) or shape.schema()["properties"][block]
    match = re.search(r"Default: ([^ ]+?)\.(?: |$)", owner["properties"][key]["description"])
    assert match, f"{block}.{key} states no default"
    return match[1]


@pytest.mark.parametrize("path", DEFAULTS, ids=".".join)
def test_the_schema_states_the_models_defaults(path: tuple[str, ...]) -> None:
    kind, built_in = DEFAULTS[path]
    stated = stated_default(*path)
    if kind is SECONDS:
        assert quantities.seconds(stated) == built_in
    else:
        assert stated == kind == str(built_in).replace("False", "false")


def test_the_schema_states_the_models_default_sizes_and_timeout() -> None:
    resources = shape.schema()["$defs"]["resources"]["properties"]
    limits = shape.schema()["$defs"]["containerLimits"]["properties"]
    for described, built_in in [
        (resources["requests"], model.Resources.requests),
        (resources["limits"], model.Resources.limits),
        (limits["default"], model.ContainerLimits.default),
        (limits["defaultRequest"], model.ContainerLimits.default_request),
    ]:
        assert f"Default: {built_in.cpu} and {built_in.memory}." in described["description"]
    expose = shape.schema()["$defs"]["service"]["properties"]["expose"]["anyOf"][1]["properties"]
    stated = re.search(r"Default: (\S+)\.$", expose["timeout"]["description"])
    assert stated
    assert quantities.seconds(stated[1]) == model.Route.timeout
    assert f"Default: {model.Route.path}." in expose["path"]["description"]


def test_what_every_job_and_service_may_say_is_said_in_the_same_words() -> None:
    definitions = shape.schema()["$defs"]
    for defaults, whole in (("jobDefaults", "job"), ("serviceDefaults", "service")):
        for key, said in definitions[defaults]["properties"].items():
            assert definitions[whole]["properties"][key] == said


# -------------------------------------------------------------------------------------------------- odd input, no crash


@cache
def folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory()


def load_bytes(data: bytes) -> Fleet | Stop:
    """The fleet, or what stopped it, which says where and what. Any other exception is a bug."""
    file = Path(folder().name) / "agents.yaml"
    file.write_bytes(data)
    try:
        return load(file, "agents.yaml")
    except Stop as stop:
        judge(stop, data)
        return stop


def judge(stop: Stop, data: bytes) -> None:
    assert stop.code is ExitCode.BAD_INPUT
    assert stop.problems
    lines = re.split(rb"\r\n|[\n\r]|\xc2\x85|\xe2\x80[\xa8\xa9]", data)  # all that YAML takes for a line end
    for problem in stop.problems:
        line = str(problem)
        assert "\n" not in line
        assert re.fullmatch(r"agents\.yaml(:\d+:\d+)?: error\[[a-z]+(-[a-z]+)*\]: .+", line), line
        if problem.rule not in ("empty", "too-large"):
            assert 1 <= problem.where.line <= len(lines) + 1
            assert problem.where.column >= 1


REMOVED, MISSPELT = "(removed)", "(misspelt)"
ODD: list[Any] = [
    None, True, False, 0, -1, 1, 10**18 - 1, 10**30, -0.5, 0.00001, 1.5, 1e300,
    "", " ", "on", "null", "*", "a" * 100_000, "é", "\u2028", "\x00", "a\nb", "5", "0m", "1Gi", "1h", "0s", "@daily",
    "* * * * *", "ghp_" + "a1B2" * 9, "cache", "prod", "internet",
    [], [None], ["a", "a"], [[]], [{}],
    {}, {"": None}, {"a": {}}, {"prod": {}}, {"provider": "azure"}, {"min": 5}, {"cidr": "x", "port": 1},
]  # fmt: skip


def paths_in(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths_in(item, (*path, key))


def plain_values() -> Any:
    """The reference spec as plain values, numbers as numbers."""
    from generator.spec.reader import parse

    return parse(TEXT, "x")[0].values


PLAIN = plain_values()
PATHS = [path for path in paths_in(PLAIN) if path]


def put(values: Any, path: Path_, odd: Any) -> None:
    """Replace a value, or do nothing where an earlier change took its place away."""
    for key in path[:-1]:
        if not has(values, key):
            return
        values = values[key]
    key = path[-1]
    if isinstance(values, dict) and odd in (REMOVED, MISSPELT):
        value = values.pop(key, None)
        values.update({f"{key}s": value} if odd == MISSPELT else {})
    elif isinstance(values, dict) or has(values, key):
        values[key] = deepcopy(odd)


def has(values: Any, key: str | int) -> bool:
    if isinstance(values, list):
        return isinstance(key, int) and key < len(values)
    return isinstance(values, dict) and key in values


odd_values = st.sampled_from(ODD) | st.sampled_from([REMOVED, MISSPELT])
changes = st.lists(st.tuples(st.sampled_from(PATHS), odd_values), min_size=1, max_size=4)

no_checks = settings(max_examples=200 * MORE, suppress_health_check=list(HealthCheck))


@no_checks
@given(changes=changes)
def test_any_value_may_be_anything(changes: list[tuple[Path_, Any]]) -> None:
    values = deepcopy(PLAIN)
    for path, odd in changes:
        put(values, path, odd)
    load_bytes(as_yaml(values).encode())


LONG_TEXTS = ["a" * 200_000, "a-" * 100_000, "eyJ" * 100_000, "://a:" * 50_000, "\\n" * 10**5]


@pytest.mark.parametrize("text", LONG_TEXTS, ids=lambda text: text[:5])
def test_a_long_text_is_judged_at_once(text: str) -> None:
    begin = time.process_time()
    load_bytes(TEXT.replace("Vulnerability scanning", f'"{text}" #').encode())
    load_bytes(TEXT.replace("dev.agents.example.com", f'"{text}"').encode())
    assert time.process_time() - begin < 5


LINES = TEXT.splitlines(keepends=True)
numbers = st.integers(0, len(LINES) - 1)
SCRAPS = [
    "- x\n",
    "x: 1\n",
    "  x\n",
    "\tx\n",
    "}\n",
    "    - [\n",
    "'\n",
    "? x\n",
    "...\n",
    "--- \n",
    "%x\n",
    "<<: *a\n",
    "&a b: 1\n",
    "!!int 5\n",
    "|\n",
    "\x07\n",
]
edits = st.one_of(
    st.tuples(st.just("delete"), numbers, numbers),
    st.tuples(st.just("double"), numbers, numbers),
    st.tuples(st.just("swap"), numbers, numbers),
    st.tuples(st.sampled_from(SCRAPS), numbers, st.integers(0, 8)),
    st.tuples(st.sampled_from([repr(odd)[:50] for odd in ODD]), numbers, st.integers(0, 8)),
)


@no_checks
@given(edits=st.lists(edits, min_size=1, max_size=5))
def test_any_line_may_be_anything(edits: list[tuple[str, int, int]]) -> None:
    lines = list(LINES)
    for what, first, second in edits:
        at, to = min(first, len(lines) - 1), min(second, len(lines) - 1)
        match what:
            case "delete":
                del lines[at : at + 1 + to % 3]
            case "double":
                lines.insert(to, lines[at])
            case "swap":
                lines[at], lines[to] = lines[to], lines[at]
            case _ if what in SCRAPS:
                lines.insert(at, " " * second + what)
            case _:
                lines[at] = lines[at].partition(":")[0] + f": {what}\n"
        if not lines:
            break
    load_bytes("".join(lines).encode())


@no_checks
@given(at=st.integers(0, len(TEXT.encode())), junk=st.binary(max_size=8), cut=st.integers(0, 8))
def test_any_byte_may_be_anything(at: int, junk: bytes, cut: int) -> None:
    data = TEXT.encode()
    load_bytes(data[:at] + junk + data[at + cut :])


@no_checks
@given(text=st.text(alphabet=" \n\t-:?[]{},#&*!|>'\"%@`~=<ab1.é\x00\u2028\ufeff", max_size=60))
@example(text="é: é\x00")
@example(text="? &a [*a]\n: *a\n")
def test_any_text_may_be_a_spec(text: str) -> None:
    assert isinstance(load_bytes(text.encode()), Stop)


@settings(max_examples=100 * MORE)
@given(data=st.binary(max_size=40))
def test_any_bytes_may_be_a_spec(data: bytes) -> None:
    assert isinstance(load_bytes(data), Stop)


# ------------------------------------------------------------------------------------------ two validators, one verdict


@settings(max_examples=150 * MORE, suppress_health_check=list(HealthCheck))
@given(changes=changes)
def test_both_validators_agree(changes: list[tuple[Path_, Any]]) -> None:
    """jsonschema-rs decides whether all is well and jsonschema says what is not, so they must never differ."""
    values = deepcopy(PLAIN)
    for path, odd in changes:
        put(values, path, odd)
    values = json.loads(json.dumps(values))
    fast = jsonschema_rs.validator_for(shape.schema()).is_valid(values)
    assert fast == shape._validator().is_valid(values)


def test_both_validators_agree_on_every_pattern() -> None:
    patterns = {part["pattern"] for _, part in PARTS if "pattern" in part}
    texts = [odd for odd in ODD if isinstance(odd, str)] + [
        "a\n",
        "A",
        "a-b",
        "a--b",
        "-a",
        "1.5",
        "/a",
        "a/b",
        "a_b",
        "10.0.0.0/8",
    ]
    for pattern in sorted(patterns):
        fast = jsonschema_rs.validator_for({"pattern": pattern})
        slow = shape._validator().evolve(schema={"pattern": pattern})
        for text in texts:
            assert fast.is_valid(text) == slow.is_valid(text), (pattern, text)
