"""Words a fault of shape as a person would, at its own line. jsonschema's own words name the parent and the schema."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from generator.problems import Place, Problem, did_you_mean
from generator.spec.reader import Document, Key

_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
_SELF_EXPLAINING = {"minimum", "maximum", "exclusiveMinimum", "maxLength", "uniqueItems", "minItems", "oneOf"}


def word(error: Any, document: Document, definitions: dict[str, Any]) -> Iterator[Problem]:
    """One jsonschema error, as the problems that a person would see in it. `definitions` are the schema's `$defs`."""
    if error.validator == "anyOf":
        error = _nearest(error)
    fault = _Fault(error, document, definitions)
    yield from _WORDINGS.get(error.validator, _bad_value)(fault)


def is_of_name(error: Any) -> bool:
    """Whether the fault is in a key; the error's instance is then the key, and its path that of the mapping."""
    return "propertyNames" in error.absolute_schema_path


@dataclass(frozen=True)
class _Fault:
    error: Any
    document: Document
    definitions: dict[str, Any]

    @property
    def path(self) -> tuple[Key, ...]:
        return tuple(self.error.absolute_path)

    @property
    def name(self) -> str:
        return ".".join(map(str, self.path)) or "the spec"

    @property
    def place(self) -> Place:
        return self.document.place(*self.path)

    def first_sentence(self, schema: Any) -> str:
        """What a schema, or the definition it refers to, says of itself."""
        if "description" not in schema and "$ref" in schema:
            schema = self.definitions[schema["$ref"].rpartition("/")[2]]
        sentence = str(schema.get("description", "")).partition(". ")[0].rstrip(".")
        return sentence[:1].lower() + sentence[1:] if sentence[1:2].islower() or sentence[1:2] == " " else sentence

    @property
    def expected(self) -> str:
        sentence = self.first_sentence(self.error.schema)
        return f"expected: {sentence}" if sentence else ""


def _unknown_key(fault: _Fault) -> Iterator[Problem]:
    known = fault.error.schema["properties"]
    for key in fault.error.instance:
        if key not in known:
            place = fault.document.key_place(*fault.path, key)
            yield Problem(place, "unknown-key", f"{fault.name}: unknown key {key!r}", did_you_mean(key, known))


def _missing_key(fault: _Fault) -> Iterator[Problem]:
    # A conditional's schema says nothing of its keys; the definition around it does.
    scopes = [fault.error.schema, *fault.definitions.values()]
    for key in fault.error.validator_value:
        if key not in fault.error.instance:
            place = fault.document.key_place(*fault.path)
            described: Any = next((s["properties"][key] for s in scopes if key in s.get("properties", {})), {})
            hint = f"add it: {fault.first_sentence(described)}"
            yield Problem(place, "missing-key", f"{fault.name}: key {key!r} is missing", hint)


def _unknown_value(fault: _Fault) -> Iterator[Problem]:
    value = fault.error.instance
    if isinstance(value, str):
        choices = [str(choice) for choice in fault.error.validator_value]
        message = f"{fault.name}: {_shown(value)} is not known"
        yield Problem(fault.place, "unknown-value", message, did_you_mean(value, choices))


def _wrong_type(fault: _Fault) -> Iterator[Problem]:
    value, wanted = fault.error.instance, fault.error.validator_value
    types = wanted if isinstance(wanted, list) else [wanted]
    if value is None:
        message, hint = "has no value", f"expected {_TYPES[types[0]]}"
    elif types == ["string"] and not isinstance(value, dict | list):
        written = fault.document.written(*fault.path)
        kind = "boolean" if isinstance(value, bool) else "number"
        message = f"{written} is {_TYPES[kind]}, not text"
        hint = f'put it in quotes: "{written}"' if _would_fit(fault.error.schema, written) else fault.expected
    else:
        message = f"{_shown(value)} is not {' or '.join(_TYPES[t] for t in types)}"
        hint = "" if set(types) <= {"integer", "number", "boolean"} else fault.expected
    yield Problem(fault.place, "wrong-type", f"{fault.name}: {message}", hint)


def _would_fit(schema: Any, text: str) -> bool:
    if "enum" in schema:
        return text in schema["enum"]
    return "pattern" not in schema or bool(re.search(schema["pattern"], text))


def _bad_value(fault: _Fault) -> Iterator[Problem]:
    hint = "" if fault.error.validator in _SELF_EXPLAINING else fault.expected
    if is_of_name(fault.error):
        place = fault.document.key_place(*fault.path, fault.error.instance)
        yield Problem(place, "bad-name", f"{fault.name}: {_complaint(fault.error)}", hint)
    else:
        yield Problem(fault.place, "bad-value", f"{fault.name}: {_complaint(fault.error)}", hint)


_WORDINGS: dict[str, Callable[[_Fault], Iterator[Problem]]] = {
    "additionalProperties": _unknown_key,
    "required": _missing_key,
    "enum": _unknown_value,
    "type": _wrong_type,
}


def _complaint(error: Any) -> str:
    value = error.instance
    match error.validator:
        case "minimum":
            return f"{_shown(value)} is less than {error.validator_value}"
        case "maximum":
            return f"{_shown(value)} is more than {error.validator_value}"
        case "exclusiveMinimum":
            return f"{_shown(value)} is not more than {error.validator_value}"
        case "maxLength":
            return f"{_shown(value)} has {len(value)} characters, more than {error.validator_value}"
        case "uniqueItems":
            twice = next(item for item in value if value.count(item) > 1)
            return f"{_shown(twice)} is listed twice"
        case "minItems" | "minProperties" | "minLength":
            return "is empty"
        case "oneOf":
            return "needs either `host`, or `namespace` and `labels`"
    return f"{_shown(value)} is not valid"


def _nearest(error: Any) -> Any:
    """Of the alternatives of an anyOf, the fault of the one that the value comes closest to."""

    def is_other_type(fault: Any) -> bool:
        return fault.validator == "type" and len(fault.relative_schema_path) == 2

    def distance(fault: Any) -> tuple[bool, int, int]:
        own = set(fault.instance) if isinstance(fault.instance, dict) else set()
        known = set(fault.schema.get("properties", ())) if isinstance(fault.schema, dict) else set()
        return is_other_type(fault), -len(own & known), fault.relative_schema_path[0]

    nearest = min(error.context, key=distance)
    if is_other_type(nearest):
        types = [fault.validator_value for fault in error.context if is_other_type(fault)]
        nearest.validator_value = list(dict.fromkeys(types))
        nearest.schema = error.schema
    return nearest


def _shown(value: Any) -> str:
    if isinstance(value, dict | list):
        return _TYPES["object" if isinstance(value, dict) else "array"]
    text = repr(value) if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."
