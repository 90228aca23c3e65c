"""The documents that a program serves about itself (OpenAPI, AsyncAPI), held against what it really says.

Stricter than JSON Schema asks for: a member that the document does not name is a fault, and a word of
a schema that is not known here ends the test instead of being skipped."""

import base64
import datetime
import json
import re

ANNOTATIONS = {"description", "default", "title", "summary", "discriminator"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float),
         "null": type(None)}


def _is(value, kind):
    if isinstance(value, bool):  # to Python it is a number as well
        return kind == "boolean"
    return isinstance(value, TYPES[kind])


def _is_time(text):
    try:
        return "T" in text and datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).tzinfo is not None
    except ValueError:
        return False


def _is_base64(text):
    try:
        return base64.b64decode(text, validate=True) is not None
    except ValueError:
        return False


# What a word of a schema asks of a value; of a value of another type it asks nothing.
RULES = {
    "type": lambda value, kinds: any(_is(value, each) for each in ([kinds] if isinstance(kinds, str) else kinds)),
    "const": lambda value, wanted: value == wanted,
    "enum": lambda value, allowed: value in allowed,
    "pattern": lambda value, pattern: not isinstance(value, str) or re.search(pattern, value),
    "minLength": lambda value, least: not isinstance(value, str) or len(value) >= least,
    "maxLength": lambda value, most: not isinstance(value, str) or len(value) <= most,
    "minItems": lambda value, least: not isinstance(value, list) or len(value) >= least,
    "maxItems": lambda value, most: not isinstance(value, list) or len(value) <= most,
    "minimum": lambda value, least: not _is(value, "number") or value >= least,
    "maximum": lambda value, most: not _is(value, "number") or value <= most,
    "format": lambda value, kind: not isinstance(value, str) or {"date-time": _is_time}[kind](value),
    "contentEncoding": lambda value, how: not isinstance(value, str) or {"base64": _is_base64}[how](value),
    "required": lambda value, names: not isinstance(value, dict) or all(each in value for each in names),
}


class Document:
    """A served document; its schemas and what it refers to."""

    def __init__(self, content):
        self.content = content

    def resolved(self, node):
        while "$ref" in node:
            target = self.content
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def _parts(self, schema):
        """A schema and all that it takes in by allOf."""
        schema = self.resolved(schema)
        return [schema] + [part for each in schema.get("allOf", ()) for part in self._parts(each)]

    def faults(self, value, schema, at=""):
        """What is wrong with a value, in words; empty when it fits."""
        found = []
        parts = self._parts(schema)
        for part in parts:
            for word, wanted in part.items():
                if word in RULES:
                    if not RULES[word](value, wanted):
                        found.append(f"{at or '/'}: {json.dumps(value)[:200]} is against {word} {wanted}")
                elif word == "items":
                    for number, each in enumerate(value if isinstance(value, list) else ()):
                        found += self.faults(each, wanted, f"{at}/{number}")
                elif word == "oneOf":
                    tried = [self.faults(value, each, at) for each in wanted]
                    if tried.count([]) != 1:
                        found.append(f"{at or '/'}: not just one of: {tried}")
                elif word not in ANNOTATIONS | {"properties", "allOf", "$ref"}:
                    raise AssertionError(f"the document says {word!r}, which is not checked here")
        if isinstance(value, dict):
            named = [(name, each) for part in parts for name, each in part.get("properties", {}).items()]
            if named:
                found += [f"{at}/{name}: not in the document" for name in value if name not in dict(named)]
            for name, each in named:
                if name in value:
                    found += self.faults(value[name], each, f"{at}/{name}")
        return found


class Operation:
    """One operation of an OpenAPI document."""

    def __init__(self, document, method, path, content):
        self.document, self.method, self.path, self.content = document, method.upper(), path, content
        self.name, self.needs = content["operationId"], content["x-needs"]
        parameters = [document.resolved(each) for each in content.get("parameters", ())]
        self.queries = {each["name"]: each["schema"] for each in parameters if each["in"] == "query"}
        self.places = re.findall(r"{(\w+)}", path)
        assert sorted(self.places) == sorted(each["name"] for each in parameters if each["in"] == "path"), self.name
        body = document.resolved(content.get("requestBody", {}))
        self.body = body.get("content", {}).get("application/json", {}).get("schema")

    def target(self, places):
        return re.sub(r"{(\w+)}", lambda found: places[found.group(1)], self.path)

    def check_query(self, query):
        for name, value in query.items():
            assert name in self.queries, f"{self.name}: {name} is not in the document"
            faults = self.document.faults(value, self.queries[name])
            assert not faults, f"{self.name}: {faults}"

    def check_body(self, body):
        faults = self.document.faults(body, self.body)
        assert not faults, f"{self.name}: {faults}"

    def check(self, answer):
        """Fails when the answer is none that the document foresees."""
        what = f"{self.method} {self.path}: {answer}"
        described = self.content["responses"].get(str(answer.status))
        assert described, f"status not in the document: {what}"
        content = self.document.resolved(described).get("content")
        if not content:
            assert not answer.body, f"a body that is not in the document: {what}"
            return
        kind = answer.headers["content-type"].split(";")[0]
        assert kind in content, f"{kind} is not in the document: {what}"
        if kind.endswith("json"):
            faults = self.document.faults(answer.json(), content[kind]["schema"])
            assert not faults, f"{what}\n{faults}"
        if answer.status >= 400:
            check_problem(answer)


def check_problem(answer):
    """RFC 9457, with our own code in it."""
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json", answer.headers
    assert problem["status"] == answer.status, answer
    assert problem["title"] and problem["detail"], answer
    assert re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", problem["code"]), answer


def operations_of(content):
    """All operations of an OpenAPI document by name."""
    document = Document(content)
    assert content["openapi"] == "3.1.0"
    found = [Operation(document, method, path, each)
             for path, methods in content["paths"].items() for method, each in methods.items()]
    named = {each.name: each for each in found}
    assert len(named) == len(found), "two operations of one name"
    return named


class Channel:
    """One channel of an AsyncAPI document, over which events come."""

    def __init__(self, content, name):
        assert content["asyncapi"] == "3.0.0"
        self.document = Document(content)
        channel = content["channels"][name]
        self.address = channel["address"]
        self.messages = {each: self.document.resolved(message) for each, message in channel["messages"].items()}

    def check(self, event, in_list=False):
        """Fails when an event is none that the document foresees; `in_list`: as a message of one event."""
        message = self.messages.get(event["type"])
        assert message, f"{event['type']} is not in the document: {event}"
        faults = self.document.faults([event] if in_list else event, message["payload"])
        assert not faults, f"{event}\n{faults}"
