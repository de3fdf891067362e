"""A client that compares every answer with what the description says of it."""

from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types
from flask import current_app
from flask.testing import FlaskClient

from app.api.description import specification


class Description:
    """The OpenAPI document, ready to check answers; remembers which operations it has seen."""

    def __init__(self) -> None:
        self.document = specification()
        self.seen: set[str] = set()
        self._urls = current_app.url_map.bind("localhost")

    def operation(self, method: str, path: str) -> dict[str, Any]:
        rule, _values = self._urls.match(path, method, return_rule=True)
        documented = "/".join(
            "{" + part[1:-1].split(":")[-1] + "}" if part.startswith("<") else part
            for part in rule.rule.split("/")
        )
        found: dict[str, Any] = self.document["paths"][documented][method.lower()]
        return found

    def check(self, method: str, path: str, answer: Any) -> None:
        operation = self.operation(method, path)
        self.seen.add(operation["operationId"])
        described = operation["responses"].get(str(answer.status_code))
        assert described, f"{method} {path}: {answer.status_code} is not described: {answer.text}"
        described = self._resolved(described)
        content = described.get("content")
        if not content:
            assert answer.data == b""
            return
        assert answer.mimetype in content
        schema = content[answer.mimetype].get("schema", {})
        if answer.mimetype == "application/json":
            self.check_body(schema, answer.json)

    def check_body(self, schema: dict[str, Any], body: Any) -> None:
        whole = {**self._plain(schema), "components": self._plain(self.document["components"])}
        jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(
            body
        )

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in node:
            return node
        found: Any = self.document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return dict(found)

    def _plain(self, node: Any) -> Any:
        """OpenAPI 3.0 has a word of its own for null."""
        if isinstance(node, list):
            return [self._plain(item) for item in node]
        if not isinstance(node, dict):
            return node
        rest = {key: self._plain(value) for key, value in node.items() if key != "nullable"}
        return {"anyOf": [rest, {"type": "null"}]} if node.get("nullable") is True else rest


class DescribedClient:
    """get(), post()... of a client; each answer is checked."""

    def __init__(self, client: FlaskClient, description: Description) -> None:
        self._client = client
        self._description = description

    def __getattr__(self, method: str) -> Any:
        def send(path: str, **more: Any) -> Any:
            answer = getattr(self._client, method)(path, **more)
            self._description.check(method.upper(), path.partition("?")[0], answer)
            return answer

        return send
