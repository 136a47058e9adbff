"""The base of every API view."""

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, TypeVar

import structlog
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, Serializer
from rest_framework.views import APIView

from lld.core.access import Access
from lld.core.actors import GUEST, Actor
from lld.core.api.bodies import SENT_ALONG, read_body, unknown_names
from lld.core.api.exceptions import invalid_fields
from lld.core.client_address import client_address
from lld.core.errors import InvalidInput, StaleVersion

HANDLERS = ("get", "post", "put", "patch", "delete")
LONGEST_VERSION = 18
S = TypeVar("S", bound=BaseSerializer[Any])


class ApiView(APIView):
    """Declares its callers a method, reads its input through serializers, and knows its actor.

    A handler without an entry in `access`, or the reverse, is an error at import: nothing is open by omission.
    """

    access: ClassVar[Mapping[str, Access]] = {}
    # Bytes of a JSON body, where a picture may be in it; else DATA_UPLOAD_MAX_MEMORY_SIZE.
    largest_body: ClassVar[int | None] = None
    # Fields of an answer that are not kept for a repeat; `with_secrets` puts them back.
    secrets: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        handled = {name.upper() for name in HANDLERS if hasattr(cls, name)}
        if handled != set(cls.access):
            raise TypeError(f"{cls.__name__} handles {sorted(handled)} but declares {sorted(cls.access)}")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method == "OPTIONS":
            return
        super().initial(request, *args, **kwargs)
        structlog.contextvars.bind_contextvars(actor=self.actor.kind, actor_id=self.actor.id)

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """Which methods there are, in `Allow`, to whoever asks. The API document says the rest."""
        return Response(status=204)

    def with_secrets(self, answer: dict[str, Any]) -> dict[str, Any]:
        """A kept answer with its secrets as they are now."""
        raise NotImplementedError(f"{type(self).__name__} has secrets, but not how to put them back")

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, StaleVersion):
            exc.extra["current"] = self.current(exc.object_id)
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if self.authentication_classes or request.method not in {"GET", "HEAD"}:
            # What depends on who asks is nobody else's, whatever stands between.
            answer.setdefault("Cache-Control", "no-store")
        return answer

    def current(self, object_id: int) -> Mapping[str, Any]:
        """The object as it is now, for the answer to a stale If-Match. Every view that reads one has it."""
        raise NotImplementedError

    @property
    def actor(self) -> Actor:
        key: Any = self.request.auth
        if key is not None and hasattr(key, "scopes"):
            return Actor("api_key", key.pk, key.name)
        user: Any = self.request.user
        return user.as_actor() if user.is_authenticated else GUEST

    @property
    def client_address(self) -> str:
        return client_address(self.request._request)

    @property
    def is_strict(self) -> bool:
        """Whether names that we do not know are refused: of staff and keys, where not just anyone may call.

        What the public and customers send comes from programs of others, and may have more in it.
        """
        method = "GET" if self.request.method == "HEAD" else str(self.request.method)
        return not self.access[method].anyone and self.actor.kind != "customer"

    def body(self, serializer: type[Serializer[Any]], *, partial: bool = False) -> dict[str, Any]:
        """The validated body. InvalidInput (400 with `fields`) otherwise, see `lld.core.api.bodies`."""
        data = self.request.data
        if not isinstance(data, Mapping):
            raise InvalidInput("The body must be a JSON object.")
        filled = serializer(data=data, partial=partial, context={"request": self.request})
        changes = self.request.method in {"PUT", "PATCH"}
        return read_body(filled, data, strict=self.is_strict, changes=changes)

    def query(self, serializer: type[Serializer[Any]]) -> dict[str, Any]:
        """The validated query string; an empty parameter counts as absent. InvalidInput as for bodies."""
        given = {name: value for name, value in self.request.query_params.items() if str(value).strip()}
        kept = _kept(serializer)
        if self.is_strict and (unknown := unknown_names(kept, given, besides=SENT_ALONG)):
            raise invalid_fields(unknown)
        return dict(kept.run_validation(given))

    def expected_version(self) -> int | None:
        """The integer of the If-Match header, if one was sent. InvalidInput when it is not one."""
        header = self.request.headers.get("If-Match", "*").strip().removeprefix("W/").strip('"')
        if header == "*":
            return None
        if not (header.isascii() and header.isdecimal()) or len(header) > LONGEST_VERSION:
            raise InvalidInput("If-Match must be the integer version of the object.")
        return int(header)


@cache
def _kept(serializer: type[Serializer[Any]]) -> Serializer[Any]:
    """One for all requests: copying the fields costs more than a list does, and validating changes none of them."""
    return serializer()


def json_text(body: str | bytes) -> HttpResponse:
    """An answer whose JSON the database has already built."""
    return HttpResponse(body, content_type="application/json")
