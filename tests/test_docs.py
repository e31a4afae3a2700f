"""The pages say what is true: their commands are run, their lists are those of the source, their links lead somewhere.

    pytest tests/test_docs.py --update-golden -n 0

writes what commands really print into the pages, and fails all the same: read the diff, then run again.
"""

import ast
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import cli
from generator.model import Fleet
from generator.problems import ExitCode, Stop
from generator.spec import reader, reference, shape
from generator.spec.load import load
from tests import docs_support, test_rooms
from tests.docs_support import PAGES, Section
from tests.support import ROOT, as_yaml

SECTIONS = [section for page in PAGES for section in docs_support.sections(page)]
STORIES = [section for section in SECTIONS if section.commands or any(block.directive for block in section.blocks)]
SCHEMA = shape.schema()


# ------------------------------------------------------------------------------------------------ commands and examples


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "repository"
    docs_support.copy_repository(folder)
    return folder


@pytest.mark.parametrize("section", STORIES, ids=str)
def test_commands_print_what_the_page_shows(
    section: Section, template: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    said = " ".join(section.commands)
    for fixture, needed in (("tools", "validate"), ("crd_schemas", "validate"), ("kubectl", "kubectl kustomize")):
        if needed in said:
            request.getfixturevalue(fixture)
    root = tmp_path / "repository"
    shutil.copytree(template, root)
    docs_support.set_up(root)
    played = docs_support.play(section, root)
    wrong = [(block, lines) for block, lines in played if lines != list(block.lines)]
    if wrong and request.config.getoption("--update-golden"):
        _rewrite(section.page, wrong)
        pytest.fail(f"rewrote {section}; read the diff and run again")
    if wrong:
        shown = [line for block, _ in wrong for line in block.lines]
        real = [line for _, lines in wrong for line in lines]
        difference = "\n".join(unified_diff(shown, real, section.page, "what is printed", lineterm=""))
        pytest.fail(f"{difference}\n\nIf this is right: pytest tests/test_docs.py --update-golden -n 0")


def _rewrite(page: str, blocks: list[tuple[docs_support.Block, list[str]]]) -> None:
    assert "PYTEST_XDIST_WORKER" not in os.environ, "two workers would rewrite one page: add -n 0"
    text = docs_support.text(page)
    for block, lines in blocks:
        old, new = ("```console\n" + "".join(f"{line}\n" for line in part) + "```\n" for part in (block.lines, lines))
        assert text.count(old) == 1, f"{page}: the block of line {block.line} stands there twice"
        text = text.replace(old, new)
    (ROOT / page).write_text(text, encoding="utf-8")


def test_every_block_is_tested() -> None:
    """A block without a language, or an example that nothing runs, could say anything."""
    for section in SECTIONS:
        for number, block in enumerate(section.blocks):
            assert block.language in {"console", "yaml", "diff", "text", "mermaid"}, section
            if block.directive:
                assert any(later.commands for later in section.blocks[number:]), f"{section}: nothing tries the example"
            elif block.language == "yaml":
                assert isinstance(yaml.safe_load("\n".join(block.lines)), dict), section
            else:
                assert block.language != "diff", f"{section}: say what the difference is applied to"


@pytest.mark.parametrize("page", PAGES)
def test_commands_that_are_only_named_exist(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    shown = [command for section in docs_support.sections(page) for command in section.commands]
    for command in [*shown, *re.findall(r"`((?:make|kustodian) [^`]+)`", docs_support.prose(page))]:
        program, *arguments = command.split()
        if program == "make":
            assert arguments[0] in targets, command
        elif program == "kustodian":
            assert arguments[0] in cli.COMMANDS, command
        elif docs_support.reason_not_to_run(command):
            assert program in {"kubectl", "argocd"}, command
            files = re.findall(r" -[fk] (\S+)", command)
            assert all(file.startswith("https://") or (ROOT / file).exists() for file in files), command


# ------------------------------------------------------------------------------------------------------ lists and links


def test_the_readme_lists_the_commands_and_exit_codes() -> None:
    tables = docs_support.tables("README.md")
    assert [row[0] for row in tables["command"]] == [f"`kustodian {command}`" for command in cli.COMMANDS]
    assert [int(row[0]) for row in tables["exit code"]] == [code.value for code in ExitCode]


def test_the_readme_shows_the_real_tree() -> None:
    (block,) = (block for section in SECTIONS for block in section.blocks if block.language == "text")
    patterns = [line.split()[0] for line in block.lines]
    for pattern in patterns:
        assert _exists(pattern), pattern
    files = {path.relative_to(ROOT) for top in ("base", "overlays", "argocd") for path in (ROOT / top).rglob("*.yaml")}
    untold = [file for file in files if not any(file.match(_glob(pattern)) for pattern in patterns)]
    assert not untold


def _glob(pattern: str) -> str:
    return re.sub(r"<\w+>", "*", pattern) + ("*" if pattern.endswith("/") else "")


def _exists(pattern: str) -> bool:
    return any(ROOT.glob(_glob(pattern)))


def test_every_rule_is_listed_and_every_listed_rule_exists() -> None:
    listed = Counter(row[0].strip("`") for row in docs_support.tables("docs/rules.md")["rule"])
    real = Counter(set(_rules_in_the_source()))
    assert (listed - real, real - listed) == (Counter(), Counter()), "too many in the page, too few"


def _rules_in_the_source() -> Iterator[str]:
    """Whatever is given to a parameter, a field or a variable called `rule`."""
    for file in (ROOT / "generator").rglob("*.py"):
        source = file.read_text(encoding="utf-8")
        if not any(word in source for word in ("Problem", "Finding", "Breach", "Danger", "Guarded")):
            continue  # it has rules of another kind
        parsed = ast.parse(source)
        places = {"Problem": 1, "Finding": 0, "problem": 0}  # fields of these, and the parameter of Case.problem
        for node in ast.walk(parsed):
            if isinstance(node, ast.FunctionDef):
                names = [argument.arg for argument in node.args.args if argument.arg != "self"]
                places |= {node.name: names.index("rule")} if "rule" in names else {}
        for node in ast.walk(parsed):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                given = node.args[places[called] :][:1] if called in places else []
                given += [keyword.value for keyword in node.keywords if keyword.arg == "rule"]
                yield from (rule for value in given for rule in _rule(value, file))
            elif isinstance(node, ast.Assign):
                yield from (rule for target in node.targets for rule in _assigned(target, node.value, file))


def _rule(value: ast.expr, file: Path) -> Iterator[str]:
    match value:
        case ast.Constant(value=str(rule)):
            yield rule
        case ast.Name(id="rule" | "RULE") | ast.Attribute(attr="rule"):
            pass  # passed on; found where it was given
        case _:
            pytest.fail(f"{file}:{value.lineno}: a rule must be written out, so that it can be found")


def _assigned(target: ast.expr, value: ast.expr, file: Path) -> Iterator[str]:
    match target, value:
        case ast.Name(id="rule" | "RULE"), _:
            yield from _rule(value, file)
        case ast.Tuple(elts=targets), ast.Tuple(elts=values):
            for one, its in zip(targets, values, strict=True):
                yield from _assigned(one, its, file)


def test_the_table_of_rooms_is_the_one_that_is_held() -> None:
    table = {row[0].strip("`"): row[2] for row in docs_support.tables("docs/architecture.md")["room"]}
    rooms = {Path(path).stem: {"nothing": ""}.get(may, may) for path, may in table.items()}
    held = {room: ", ".join(sorted(may)) for room, may in test_rooms.OURS.items()}
    assert rooms == held | {"cli": "all"}


@pytest.mark.parametrize("page", PAGES)
def test_names_in_argo_cd_are_real(page: str) -> None:
    """`ai-agents-<env>` stands for every environment."""
    texts = [file.read_text(encoding="utf-8") for file in (ROOT / "argocd").rglob("*.yaml")]
    known = {document["metadata"]["name"] for text in texts for document in yaml.safe_load_all(text)}
    known |= {f"ai-agents-{name}" for name in ("dev", "staging", "prod")}
    named = re.findall(r"`(ai-agents(?!--)[\w<>-]*)`", docs_support.prose(page))
    shown = [command for section in docs_support.sections(page) for command in section.commands]
    named += re.findall(r"(?:argocd app [a-z-]+|annotate application) (\S+)", "\n".join(shown))
    for name in named:
        assert any(re.fullmatch(re.sub(r"<\w+>", r"[a-z-]+", name), real) for real in known), name


@pytest.mark.parametrize("page", PAGES)
def test_links_and_paths_lead_somewhere(page: str) -> None:
    text = docs_support.prose(page)
    for link in re.findall(r"\]\(([^)]+)\)", text):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = os.path.normpath(Path(page).parent / path) if path else page
        assert (ROOT / target).is_file(), link
        assert not anchor or anchor in docs_support.anchors(target), link
    for path in re.findall(r"`((?:generator|tests|docs|spec|base|overlays|argocd)/[^` ]*)`", text):
        assert _exists(path), path


# ------------------------------------------------------------------------------------------------------ the spec's page


def test_the_spec_page_is_current() -> None:
    assert docs_support.text("docs/spec.md") == reference.markdown(SCHEMA), "the page is stale; run: make docs"


def test_the_spec_page_has_a_row_for_each_field() -> None:
    fields = Counter(name for properties in _properties(SCHEMA) for name in properties)
    rows = Counter(row[0].strip("`") for row in docs_support.tables("docs/spec.md")["field"])
    assert (rows - fields, fields - rows) == (Counter(), Counter()), "too many in the page, too few"
    assert rows.total() > 200


def _properties(part: Any) -> Iterator[dict[str, Any]]:
    """Every `properties` of a schema, but for those of its conditions."""
    for key, value in part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ():
        if key == "properties" and all(isinstance(field, dict) for field in value.values()):
            yield value
        if key not in ("if", "then"):
            yield from _properties(value)


# Every map of the spec has an entry here, so that every field has a place to stand.
SPEC: dict[str, Any] = yaml.safe_load("""
apiVersion: kustodian.dev/v1
kind: AgentFleet
metadata: {name: fleet, frameworkVersion: "1"}
gitops: {repoURL: https://example.com/fleet.git}
kubernetes: {version: "1.37", platform: eks}
secretStore: {provider: aws, region: us-east-1, identity: reader}
teams: {team: {}}
tiers: {"1": {}}
environments:
  dev:
    domain: example.com
    quota: {requests: {cpu: 9, memory: 9Gi}, limits: {cpu: 9, memory: 9Gi}, volumes: 9}
agents:
  worker:
    {description: It works, tier: 1, team: team, costCenter: team, image: "worker:1",
     service: {}, jobs: {job: {schedule: 0 0 * * *}},
     environments: {dev: {service: {}, jobs: {job: {}}}}}
  keeper:
    {description: It keeps, tier: 1, team: team, costCenter: team, image: "keeper:1",
     service: {}, volumes: {volume: {size: 1Gi, path: /volume}},
     environments: {dev: {volumes: {volume: {}}}}}
""")
VAULT = {"provider": "vault", "server": "https://vault.example.com", "role": "role"}
# Defaults that say what happens instead of naming a value that could be written.
WORDS = {
    "<fleet>-system",
    "any",
    "any node with a GPU",
    "efs-sc on EKS, azurefile-csi on AKS, nfs-client on premises; "
    "none on GKE, whose own classes make no share below 100Gi",
    "its own cluster",
    "its root",
    "no bound",
    "none",
    "not used",
    "not watched",
    "nothing, and no token is mounted",
    "nowhere",
    "the agent's",
    "the cluster's default class",
    "the fleet's",
    "the platform's class for shared volumes, the cluster's default class otherwise",
    "the team's name",
    "their Secrets are made by somebody else",
}
Path_ = tuple[str, ...]


def test_a_default_on_the_spec_page_is_what_happens_without_it(tmp_path: Path) -> None:
    """Writing a default out changes nothing. (A test of each would take longer than all of them together.)"""
    words = set()
    fields = list(_fields_with_default(SCHEMA, SPEC, ()))
    assert len({path[-1] for path, _, _ in fields}) > 30
    for path, default, provider in fields:
        spec = deepcopy(SPEC)
        if provider == "vault":
            spec["secretStore"] = VAULT
        block = spec
        for key in path[:-1]:
            block = block.setdefault(key, {})
        block.pop(path[-1], None)
        without = _fleet(spec, tmp_path)
        cpu, both, memory = default.partition(" and ")
        block[path[-1]] = {"cpu": cpu, "memory": memory} if both else reader.scalar(default)
        try:
            written = _fleet(spec, tmp_path)
        except Stop as stop:
            words.add(default)
            if default not in WORDS:
                pytest.fail(f"{'.'.join(path)}: the default {default!r} cannot be written out: {stop}")
            continue
        assert written == without, f"{'.'.join(path)}: the default is not {default}"
    assert words == WORDS, "WORDS says more than the schema"


def _fields_with_default(schema: dict[str, Any], values: Any, path: Path_) -> Iterator[tuple[Path_, str, str]]:
    """Each field of the schema that names a default: where it can stand in SPEC, the default, and for which store."""
    for option in schema.get("anyOf", ()):
        yield from _fields_with_default(option, values, path)
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]] | {**schema, "$ref": ""}
    for name, field in schema.get("properties", {}).items():
        said = reference._DEFAULT.search(field.get("description", ""))
        if said:
            provider = re.search(r"For `(\w+)`", field["description"])
            yield (*path, name), said[1], provider[1] if provider else ""
        yield from _fields_with_default(field, values.get(name, {}) if isinstance(values, dict) else {}, (*path, name))
    entry = schema.get("additionalProperties")
    if isinstance(entry, dict) and isinstance(values, dict):
        for name, value in values.items():
            yield from _fields_with_default(entry, value, (*path, name))


def _fleet(spec: dict[str, Any], folder: Path) -> Fleet:
    file = folder / "agents.yaml"
    file.write_text(as_yaml(spec), encoding="utf-8")
    return load(file, file.name)


def test_layers_win_in_the_order_of_the_page(tmp_path: Path) -> None:
    _, *listed = re.findall(r"^\d\. (.+)$", docs_support.prose("docs/spec.md"), re.MULTILINE)
    layers = [re.match(r"\[`(.+)`\]", line)[1].split(".") for line in listed]  # type: ignore[index]  # fails if not so
    names = {"<tier>": "1", "<environment>": "dev", "<agent>": "worker"}
    assert len(layers) == 5
    spec = deepcopy(SPEC)
    of_base = "100m"
    for number, layer in enumerate(layers, 2):
        block = spec
        for key in layer:
            block = block.setdefault(names.get(key, key), {})
        block["resources"] = {"requests": {"cpu": f"10{number}m"}}
        fleet = _fleet(spec, tmp_path)
        assert fleet.environments[0].agents[0].resources.requests.cpu == f"10{number}m", layer
        of_base = of_base if "<environment>" in layer else f"10{number}m"
        assert fleet.base_agents[0].resources.requests.cpu == of_base, layer


def test_the_snippet_for_argo_cd_is_whole() -> None:
    """Lua that is cut off, or a key of another kind, would silently leave the waves without effect."""
    (block,) = (
        block for section in SECTIONS for block in section.blocks if block.language == "yaml" and not block.directive
    )
    config = yaml.safe_load("\n".join(block.lines))
    assert config["metadata"]["name"] == "argocd-cm"
    ((key, lua),) = config["data"].items()
    assert key == "resource.customizations.health.argoproj.io_Application"
    assert isinstance(lua, str)
    opened, closed = (len(re.findall(rf"\b{word}\b", lua)) for word in ("then", "end"))
    assert opened == closed == 3
    assert lua.endswith("\nreturn hs")
