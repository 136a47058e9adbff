"""How drf-spectacular describes our views: callers, errors and idempotency from the declarations."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from lld.core.access import Access
from lld.core.errors import ERROR_CODES


class ErrorSerializer(serializers.Serializer[Any]):
    """The shape of every error."""

    success = serializers.BooleanField(default=False, help_text="Always false.")
    error = serializers.CharField(help_text="A sentence for a person.")
    code = serializers.ChoiceField(choices=ERROR_CODES, help_text="Stable.")
    fields = serializers.DictField(  # type: ignore[assignment]  # the key of the contract
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="Invalid input only: complaints by field.",
    )


class Success(serializers.Serializer[Any]):
    """An answer that only says that it was done."""

    success = serializers.BooleanField(help_text="Always true.")


class DeclaredSchema(AutoSchema):
    """Adds what every route of the house has, so that views describe only what is their own."""

    view: Any  # an ApiView, whose `access` and `idempotent` say the rest

    def get_auth(self) -> list[dict[str, list[str]]]:
        access = self._access()
        schemes: list[dict[str, list[str]]] = []
        if access.roles:
            schemes.append({"staffToken": []})
        if access.roles or access.customers or (access.anyone and self.view.authentication_classes):
            schemes.append({"session": []})
        if access.scopes:
            schemes.append({"apiKey": []})
        if access.anyone:
            schemes.append({})
        return schemes

    def get_tags(self) -> list[str]:
        return [type(self.view).__module__.partition(".")[0]]

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

    def get_override_parameters(self) -> list[Any]:
        handler = getattr(self.view, self.method.lower(), None)
        if not getattr(handler, "idempotent", False):
            return []
        return [
            OpenApiParameter(
                "Idempotency-Key",
                OpenApiTypes.STR,
                OpenApiParameter.HEADER,
                description="Requests with the same key and body are carried out once.",
            )
        ]

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
        if "{" in self.path:
            errors.append(404)
        if self.method != "GET":
            errors.append(409)
        return sorted(errors)

    def _access(self) -> Access:
        declared: Access = self.view.access.get(self.method, Access())
        return declared
