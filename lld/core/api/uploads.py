"""Views that take one picture in a form, and views that answer with one."""

from typing import Any, ClassVar

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework import serializers
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request

from lld.core.api.views import ApiView
from lld.core.images import MOST_BYTES

# Around a picture: boundaries and other fields of a form, or of a JSON object that has it as a data URL.
AROUND = 256 * 1024
LARGEST_FORM = MOST_BYTES + AROUND
LARGEST_JSON = MOST_BYTES * 4 // 3 + AROUND


class PictureForm(serializers.Serializer[Any]):
    image = serializers.FileField(help_text="JPEG, PNG, WebP or GIF, at most 20 MB and 65 million pixels.")


class UploadView(ApiView):
    """Refuses a body that is too large before it reads any of it."""

    largest_form: ClassVar[int] = LARGEST_FORM
    parser_classes: ClassVar[list[type[BaseParser]]] = [MultiPartParser]  # type: ignore[misc]  # a constant here

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if int(request.META.get("CONTENT_LENGTH") or 0) > self.largest_form:
            raise RequestDataTooBig
        super().initial(request, *args, **kwargs)


def has_picture(request: HttpRequest, etag: str, cache_control: str) -> HttpResponseBase | None:
    """304 for a caller who has the picture with this ETag already; None for others."""
    answer = get_conditional_response(request, etag=etag)
    if answer is not None:
        answer["ETag"], answer["Cache-Control"] = etag, cache_control
    return answer


def picture(content: bytes, etag: str, cache_control: str) -> HttpResponse:
    """200 with a JPEG."""
    headers = {"ETag": etag, "Cache-Control": cache_control, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type="image/jpeg", headers=headers)
