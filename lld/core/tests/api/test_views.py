"""What a view must say, and which version a caller expects."""

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from lld.core.access import PUBLIC
from lld.core.api.views import ApiView
from lld.core.errors import InvalidInput


def test_view_without_access_is_refused() -> None:
    with pytest.raises(TypeError, match="declares"):
        type("Open", (ApiView,), {"get": lambda *_: None})
    with pytest.raises(TypeError, match="declares"):
        type("Idle", (ApiView,), {"access": {"GET": PUBLIC, "POST": PUBLIC}, "get": lambda *_: None})


class Versioned(ApiView):
    access = {"GET": PUBLIC}

    def get(self, request: Request) -> None: ...


def expected_version(header: str | None) -> int | None:
    view = Versioned()
    extra = {} if header is None else {"HTTP_IF_MATCH": header}
    view.request = Request(APIRequestFactory().get("/", **extra))
    return view.expected_version()


@pytest.mark.parametrize(
    ("header", "version"), [(None, None), ("*", None), ("3", 3), ('"3"', 3), ('W/"3"', 3), (" 3 ", 3)]
)
def test_if_match_gives_the_expected_version(header: str | None, version: int | None) -> None:
    assert expected_version(header) == version


@pytest.mark.parametrize("header", ["", "W/", "٣", "-1", "abc", "1.5", '"a"', "1, 2", "²", "9" * 5000])
def test_if_match_refuses_invalid_versions(header: str) -> None:
    with pytest.raises(InvalidInput):
        expected_version(header)
