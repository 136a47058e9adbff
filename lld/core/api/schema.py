"""How drf-spectacular describes our views: callers, errors and idempotency from the declarations."""

from collections.abc import Iterator, Mapping
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.fields import empty

from lld.core.access import Access
from lld.core.api.json import dump
from lld.core.errors import ERROR_CODES
from lld.settings.api_subjects import subject_of

# Text that may be empty, and text of which something is left without the blanks around it.
ANYTHING = r"^[^\u0000]*$"
SOMETHING = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"

IF_MATCH = OpenApiParameter(
    "If-Match",
    {"type": "string", "pattern": r'^(\*|(W/)?"?[0-9]{1,18}"?)$'},
    OpenApiParameter.HEADER,
    description="The version that the caller saw. Another one by now is answered with 409 `version_conflict`.",
)


@extend_schema_field({"type": "boolean", "const": True})
class SuccessField(serializers.BooleanField):
    """`success` of an answer that is no error. Where it may be false, it is an ordinary field."""


@extend_schema_field({"type": "boolean", "const": False})
class FailureField(serializers.BooleanField):
    """`success` of an error."""


class ErrorSerializer(serializers.Serializer[Any]):
    """The shape of every error."""

    success = FailureField(default=False)
    error = serializers.CharField(help_text="A sentence for a person.")
    code = serializers.ChoiceField(choices=ERROR_CODES, help_text="Stable.")
    fields = serializers.DictField(  # type: ignore[assignment]  # the key of the contract
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="Invalid input only: complaints by field.",
    )


# Marks an operation for `close_bodies`, which takes it out again.
STRICT = "x-strict"

VENDOR_ERRORS = {502: ErrorSerializer, 504: ErrorSerializer}
# Of routes that may keep a picture that comes with the request.
UPLOAD_ERRORS = {413: ErrorSerializer, **VENDOR_ERRORS}


class Success(serializers.Serializer[Any]):
    """An answer that only says that it was done."""

    success = SuccessField()


class Message(serializers.Serializer[Any]):
    message = serializers.CharField()


class Done(Message):
    success = SuccessField()


class DeclaredSchema(AutoSchema):
    """Adds what every route of the house has, so that views describe only what is their own."""

    view: Any  # an ApiView, whose `access` and `idempotent` say the rest

    def get_auth(self) -> list[dict[str, list[str]]]:
        access = self._access()
        session: dict[str, list[str]] = {"session": []} if self.method == "GET" else {"session": [], "csrf": []}
        schemes: list[dict[str, list[str]]] = []
        if access.roles:
            schemes.append({"staffToken": []})
        if access.roles or access.customers or (access.anyone and self.view.authentication_classes):
            schemes.append(session)
        if access.scopes:
            schemes.append({"apiKey": []})
        if access.anyone:
            schemes.append({})
        return schemes

    def get_tags(self) -> list[str]:
        return [subject_of(self.path)]

    def get_summary(self) -> str:
        return str(super().get_description()).partition("\n")[0]

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        access = self._access()
        callers = [
            *(["anyone"] if access.anyone else []),
            *(["customers"] if access.customers else []),
            *([f"staff ({', '.join(sorted(access.roles))})"] if access.roles else []),
            *(f"API keys with `{scope}`" for scope in sorted(access.scopes)),
        ]
        return f"{super().get_description()}\n\nCallers: {', '.join(callers)}.".strip()

    def get_extensions(self) -> dict[str, Any]:
        access = self._access()
        return {} if access.anyone or access.customers else {STRICT: True}

    def get_override_parameters(self) -> list[Any]:
        handler = getattr(self.view, self.method.lower(), None)
        retry_after = OpenApiParameter(
            "Retry-After",
            OpenApiTypes.INT,
            OpenApiParameter.HEADER,
            description="In seconds. With 503 only where the code is `overloaded`.",
            response=[429, 503],
        )
        if not getattr(handler, "idempotent", False):
            return [retry_after]
        return [
            retry_after,
            OpenApiParameter(
                "Idempotency-Key",
                {"type": "string", "maxLength": 200, "pattern": "^[!-~]([ -~]*[!-~])?$"},
                OpenApiParameter.HEADER,
                description="Requests with the same key and body are carried out once.",
            ),
        ]

    def _get_parameters(self) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super()._get_parameters()
        for parameter in parameters:
            if parameter["in"] == "query" and not parameter.get("required"):
                # Empty counts as left out.
                parameter["allowEmptyValue"] = True
                parameter["schema"].pop("minLength", None)
                if parameter["schema"].get("pattern") == SOMETHING:
                    parameter["schema"]["pattern"] = ANYTHING
        return parameters

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        inherited: Any = super()
        described: dict[str, Any] = inherited._map_basic_serializer(serializer, direction)
        if direction == "request":
            for name, schema in described["properties"].items():
                _describe_text(serializer.fields[name], schema)
        else:
            # What a request may leave out, an answer still holds, unless its field was declared so.
            described["required"] = sorted(
                name for name in described["properties"] if not may_lack(serializer.fields[name])
            )
        return described

    def _get_serializer_field_meta(self, field: Any, direction: Any) -> dict[str, Any]:
        """A default is told in words: generators of clients take a field with a `default` for one that is there."""
        inherited: Any = super()
        meta: dict[str, Any] = inherited._get_serializer_field_meta(field, direction)
        default = meta.pop("default", None)
        if direction == "request" and default not in (None, ""):
            told = f"Left out: `{dump(default).decode()}`."
            words, choices, listed = meta.get("description", "").partition("* `")
            meta["description"] = f"{words.strip()} {told}".strip() + ("\n\n" if choices else "") + choices + listed
        return meta

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        error: Any = self._get_response_for_code
        for status in self._error_statuses():
            bodies.setdefault(str(status), error(ErrorSerializer, str(status)))
        return bodies

    def _error_statuses(self) -> list[int]:
        access = self._access()
        errors = [400, 429, 503]
        if not access.anyone:
            errors += [401, 403]
        elif self.method != "GET" and self._knows_sessions():
            errors.append(403)  # the CSRF token
        if "{" in self.path:
            errors.append(404)
        if self.method != "GET":
            errors.append(409)
        return sorted(errors)

    def _knows_sessions(self) -> bool:
        return any(issubclass(known, SessionAuthentication) for known in self.view.authentication_classes)

    def _access(self) -> Access:
        declared: Access = self.view.access.get(self.method, Access())
        return declared


def close_bodies(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Hook of drf-spectacular: bodies of staff and keys take no name but those described, and changes at least one.

    A shape that the public or customers send, too, stays open.
    """
    schemas = result.get("components", {}).get("schemas", {})
    closed: set[str] = set()
    open_: set[str] = set()
    changes: set[str] = set()
    others: set[str] = set()
    for operations in result["paths"].values():
        for method, operation in operations.items():
            body = operation.get("requestBody", {})
            strict = operation.pop(STRICT, False)
            (closed if strict else open_).update(_reached(body, schemas, set()))
            (changes if strict and method in {"put", "patch"} else others).update(_named(body))
    for name in closed - open_:
        if "properties" in schemas[name]:
            schemas[name]["additionalProperties"] = False
    for name in changes - others:
        schemas[name]["minProperties"] = 1
    return result


def _named(node: Any) -> Iterator[str]:
    """The components that a part of the document names."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].rpartition("/")[2]
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from _named(part)


def _reached(node: Any, schemas: Mapping[str, Any], seen: set[str]) -> set[str]:
    """Those, and all that they name in turn."""
    for name in _named(node):
        if name not in seen:
            seen.add(name)
            _reached(schemas[name], schemas, seen)
    return seen


def _describe_text(field: Any, schema: dict[str, Any]) -> None:
    """Text is kept without the blanks around it, and PostgreSQL keeps no NUL."""
    if isinstance(field, serializers.CharField) and not {"pattern", "format", "$ref", "oneOf"} & set(schema):
        schema["pattern"] = ANYTHING if field.allow_blank or not field.trim_whitespace else SOMETHING


def may_lack(field: Any) -> bool:
    """Whether answers may come without this field: it was written out as not required, without a default."""
    declared = getattr(type(field.parent), "_declared_fields", {})
    return field.field_name in declared and not field.required and not field.read_only and field.default is empty
