"""The spec's reference page, made from its JSON Schema, so that the page and an editor's hover say the same.

Takes the schema as data and returns Markdown; reads and writes nothing.
"""

import re
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

_INTRODUCTION = """\
# The spec

<!-- Made from generator/spec/agents.schema.json by `make docs`; edit that file, not this one. -->

A fleet is one YAML file, `spec/agents.yaml`. An editor with a YAML language server explains and completes it if its
first line is

    # yaml-language-server: $schema=../generator/spec/agents.schema.json

This is a whole one:

<!-- write new/spec/agents.yaml -->
```yaml
apiVersion: kustodian.dev/v1
kind: AgentFleet
metadata: {name: helpers, frameworkVersion: "2.1.0"}
gitops: {repoURL: https://github.com/example/helpers.git}
kubernetes: {version: "1.33", platform: onprem}
secretStore: {provider: fake}
tiers: {1: {}}
environments: {dev: {}}
agents:
  greeter:
    description: Greets whoever asks
    tier: 1
    team: welcome
    costCenter: welcome
    image: ghcr.io/example/greeter:1.0.0
    service: {}
    secrets: [greeting-token]
```

```console
$ kustodian generate --root new
23 written, 0 unchanged, 0 removed
```

The YAML is that of version 1.2, so that `yes`, `on` and `12:30` are text. Unknown keys, duplicate keys, tags, anchors,
aliases and merge keys are errors; what would be shared by an anchor goes into a layer.

## The layers

A value of an agent comes from the last of these layers that sets it:

1. the built-in defaults, given in the tables below
2. [`defaults`](#defaults)
3. [`tiers.<tier>`](#tierstier)
4. [`environments.<environment>`](#environmentsenvironment)
5. [`agents.<agent>`](#agentsagent)
6. [`agents.<agent>.environments.<environment>`](#agentsagentenvironmentsenvironment)

Mappings are combined key by key; lists and single values are replaced as a whole. The tables say what each layer may
set. `service` and `job` in the layers 2 to 4 are for agents that have a service, and for each of their jobs; they give
nobody one.

The bounds `scale` and `maxReplicas` of an environment apply to what the layers 1 to 5 make together. What an agent sets
for an environment itself, in layer 6, is taken as written.

A job's `schedule` and a volume's `size` and `path` have no default: layer 5 or 6 must set them.

The base is what the layers make without an environment: 1, 2, 3 and 5.

`containerLimits` comes from `defaults` and then from the environment, and `secretStore` from the top level and then
from the environment.
"""

_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "mapping",
    "array": "list",
}
# What a key of the maps stands for; `name` elsewhere.
_KEYS = {"tiers": "tier", "environments": "environment", "agents": "agent", "teams": "team"}
_ANY_NUMBER = 10**9  # a bound that only keeps out nonsense
_DEFAULT = re.compile(r" ?\bDefault: (.+?)\.(?=\s|$)")


def default_of(field: Schema) -> str:
    """What happens without a field, in the words of its description; "" where it says nothing of that."""
    said = _DEFAULT.search(field.get("description", ""))
    return said[1] if said else ""


def markdown(schema: Schema) -> str:
    """The page for a schema whose objects are closed and whose defaults are told in its descriptions."""
    return "\n".join([_INTRODUCTION, *_Page(schema).lines()]).rstrip() + "\n"


class _Page:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.definitions: dict[str, Schema] = schema["$defs"]
        # A definition that is a block of the top level has its section there.
        self.blocks = {name for name in self.definitions if self._is_block(name)}

    def lines(self) -> Iterator[str]:
        yield from ("## The top level", "")
        yield from self._fields(self.schema)
        top = self.schema["properties"]
        for name, part in top.items():
            resolved = self._resolved(part)
            if resolved.get("type") == "object":
                yield from self._section(name, resolved, "##")
        yield from ("## Blocks that occur in several places", "")
        for name in sorted(self.blocks - top.keys()):
            yield from self._section(name, self.definitions[name], "###")
        yield from ("## Values", "", "| value | what it is |", "|---|---|")
        for name in sorted(self.definitions.keys() - self.blocks):
            yield f"| {name} | {_escaped(self._value(name))} |"

    def _is_block(self, name: str) -> bool:
        definition = self.definitions[name]
        return "properties" in definition or any("properties" in part for part in definition.get("anyOf", ()))

    def _resolved(self, part: Schema) -> Schema:
        return (
            self.definitions[_name(part)] | {k: v for k, v in part.items() if k != "$ref"} if "$ref" in part else part
        )

    # ------------------------------------------------------------------------------------------------------- sections

    def _section(self, path: str, block: Schema, level: str) -> Iterator[str]:
        """A block with its table, then the blocks that are written out inside it."""
        yield from (f"{level} `{path}`", "", _escaped(_without_default(block["description"])), "")
        if "anyOf" in block:
            for part in block["anyOf"]:
                if "properties" in part:
                    yield from (f"*{_escaped(part['description']).rstrip('.')}*:", "")
                    yield from self._fields(part, path)
        elif "properties" in block:
            yield from self._fields(block, path)
            yield from (line for condition in _conditions(block) for line in (condition, ""))
        else:
            yield from (f"A {self._type(block, path)}.", "")
        for inner_path, inner in self._inner(path, block):
            yield from self._section(inner_path, inner, "###")

    def _inner(self, path: str, block: Schema) -> Iterator[tuple[str, Schema]]:
        values = block.get("additionalProperties")
        if values and "$ref" not in values:
            yield _entry(path), values
        for name, part in block.get("properties", {}).items():
            inner_path = f"{path}.{name}"
            yield from ((inner_path, option) for option in part.get("anyOf", ()) if "properties" in option)
            if "properties" in part:
                yield inner_path, part
            else:
                yield from self._inner(inner_path, part)

    def _fields(self, block: Schema, path: str = "") -> Iterator[str]:
        yield from ("| field | type | default | what it is |", "|---|---|---|---|")
        required = block.get("required", ())
        for name, part in block["properties"].items():
            resolved = self._resolved(part)
            said = resolved["description"]
            default = _DEFAULT.search(said)
            given = "*required*" if name in required else _escaped(default[1]) if default else ""
            inner_path = f"{path}.{name}".strip(".")
            yield f"| `{name}` | {self._type(part, inner_path)} | {given} | {_escaped(_without_default(said))} |"
        yield ""

    # ---------------------------------------------------------------------------------------------------------- types

    def _type(self, part: Schema, path: str) -> str:
        """What a value may be, with links to the blocks and values that have a name."""
        if "$ref" in part:
            name = _name(part)
            link = f"[{name}](#{_anchor(name) if name in self.blocks else 'values'})"
            return f"{link} with {_listed(part['required'])}" if "required" in part else link
        if "anyOf" in part:
            return ", or ".join(self._type(option, path) for option in part["anyOf"])
        if "enum" in part:
            return ", ".join(f"`{choice}`" for choice in part["enum"])
        if part["type"] == "array":
            return f"list of {self._type(part['items'], path)}"
        if "properties" in part:
            return f"[{_TYPES['object']}](#{_anchor(path)})"
        if part["type"] == "object":
            key = self._type(part["propertyNames"], path)
            return f"map of {key} to {self._type(part['additionalProperties'], _entry(path))}"
        types = part["type"] if isinstance(part["type"], list) else [part["type"]]
        return " or ".join(dict.fromkeys(_TYPES[kind] for kind in types)) + _bounds(part)

    def _value(self, name: str) -> str:
        definition = self.definitions[name]
        longest = f" At most {definition['maxLength']} characters." if "maxLength" in definition else ""
        kind = self._type(definition, name) if definition["type"] in ("array", "object") else ""
        return f"{definition['description']}{longest}" + (f" A {kind}." if kind else "")


def _name(part: Schema) -> str:
    return str(part["$ref"]).rpartition("/")[2]


def _entry(path: str) -> str:
    """The path of a map's values: `teams.<team>`."""
    return f"{path}.<{_KEYS.get(path.rpartition('.')[2], 'name')}>"


def _anchor(heading: str) -> str:
    """GitHub's anchor of a heading."""
    return re.sub(r"[^\w-]", "", heading).lower()


def _bounds(part: Schema) -> str:
    least, most = part.get("minimum"), part.get("maximum")
    most = None if most == _ANY_NUMBER else most
    if "exclusiveMinimum" in part:
        return f", more than {part['exclusiveMinimum']}" + (f" and at most {most}" if most is not None else "")
    if least is not None and most is not None:
        return f", {least} to {most}"
    return f", at least {least}" if least is not None else ""


def _conditions(block: Schema) -> Iterator[str]:
    """What the tables cannot say: keys that only some values need, and keys that exclude each other."""
    for condition in block.get("allOf", ()):
        ((key, test),) = condition["if"]["properties"].items()
        then = condition["then"]
        values = " or ".join(f"`{value}`" for value in test.get("enum", [test.get("const")]))
        needed = _listed(then["required"]) if "required" in then else _any_of(then["anyOf"])
        yield f"With `{key}` {values}, {needed} must be given."
    choices = [_listed(choice["required"]) for choice in block.get("oneOf", ())]
    if choices:
        yield f"Either {', or '.join(choices)}."


def _any_of(alternatives: list[dict[str, list[str]]]) -> str:
    return " or ".join(_listed(alternative["required"]) for alternative in alternatives)


def _listed(keys: list[str]) -> str:
    return " and ".join(f"`{key}`" for key in keys)


def _without_default(description: str) -> str:
    return _DEFAULT.sub("", description).strip()


def _escaped(text: str) -> str:
    """Text for a table's cell: `<` would open a tag and `|` the next cell. Code is left as it is, but for `|`."""
    parts = text.replace("|", "\\|").split("`")
    return "`".join(part if number % 2 else part.replace("<", "\\<") for number, part in enumerate(parts))
