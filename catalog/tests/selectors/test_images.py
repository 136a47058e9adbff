"""Which addresses are places of our store."""

from typing import Any

import pytest

from catalog.selectors.images import own_place


@pytest.mark.parametrize("scheme", ["http", "https", "HTTPS"])
def test_own_place_takes_our_addresses_in_any_scheme(scheme: str, settings: Any) -> None:
    settings.MEDIA_URL = "https://pictures.test/lld/"

    assert own_place(f"{scheme}://pictures.test/lld/images/1.jpg") == "images/1.jpg"
    assert own_place(f"{scheme}://testserver/media/images/1.jpg") == "images/1.jpg"
    assert own_place(f"{scheme}://TestServer/media/images/1.jpg") == "images/1.jpg"
    # No picture, and its thumbnail would lead back to it.
    assert own_place(f"{scheme}://testserver/api/products/1/thumbnail") == "api/products/1/thumbnail"
    assert own_place(f"{scheme}://pictures.test/images/1.jpg") is None
    assert own_place(f"{scheme}://elsewhere.test/{scheme}://testserver/media/images/1.jpg") is None


@pytest.mark.parametrize("address", ["", "testserver/media/images/1.jpg", "ftp://testserver/media/images/1.jpg"])
def test_own_place_needs_a_web_address(address: str) -> None:
    assert own_place(address) is None
