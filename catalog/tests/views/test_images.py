"""Pictures as anyone sees them."""

import threading
from contextlib import ExitStack
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from rest_framework.test import APIClient

from catalog.selectors.images import thumbnail_place_of
from catalog.services import images, products
from lld.core.actors import SYSTEM
from lld.gateways import files
from lld.gateways.bulkhead import FILE_READS
from tests.factories import ProductFactory
from tests.pictures import picture, shown

pytestmark = pytest.mark.django_db

FOR_EVER = "public, max-age=31536000, immutable"


@pytest.mark.parametrize("folder", ["images", "thumbnails"])
def test_media_file_is_cached_for_ever(folder: str) -> None:
    address = f"/media/{folder}/{images.store_upload(picture(size=(800, 400))).name}.jpg"

    seen = APIClient().get(address, HTTP_ACCEPT="image/avif,image/webp")
    assert seen.status_code == 200
    assert (seen.headers["Content-Type"], seen.headers["Cache-Control"]) == ("image/jpeg", FOR_EVER)
    assert seen.headers["X-Content-Type-Options"] == "nosniff"

    again = APIClient().get(address, HTTP_IF_NONE_MATCH=seen.headers["ETag"])
    assert (again.status_code, again.content, again.headers["Cache-Control"]) == (304, b"", FOR_EVER)
    assert again.headers["ETag"] == seen.headers["ETag"]
    assert APIClient().get(address, HTTP_IF_NONE_MATCH='"other"').status_code == 200
    assert APIClient().head(address).headers["Content-Type"] == "image/jpeg"


def test_other_files_of_the_store_are_not_served() -> None:
    name = "0" * 32
    for place in (f"checks/{name}.jpg", "images/secret.jpg", "images/x/secret.jpg", f"images/{name}.png"):
        default_storage.save(place, ContentFile(b"secret"))

    for path in (
        f"checks/{name}.jpg",
        "images/secret.jpg",
        "images/x/secret.jpg",
        f"images/{name}.png",
        f"images/..%2Fchecks%2F{name}.jpg",
        f"images/../checks/{name}.jpg",
        f"images/{'1' * 32}.jpg",
        f"images/{name.replace('0', 'A')}.jpg",
        f"thumbnails/{name}.jpg",
        f"images/{name}",
        "",
    ):
        answer = APIClient().get(f"/media/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path


def test_thumbnail_follows_the_picture_of_the_product() -> None:
    product = ProductFactory()
    path = f"/api/products/{product.pk}/thumbnail"

    none = APIClient().get(path)
    assert (none.status_code, none.json()["code"]) == (404, "not_found")

    (row,) = shown(product)
    seen = APIClient().get(path, HTTP_ACCEPT="image/jpeg")
    assert (seen.status_code, seen.headers["Content-Type"]) == (200, "image/jpeg")
    assert seen.content == files.read(thumbnail_place_of(row.image.name))
    assert seen.headers["Cache-Control"] == "public, max-age=300"
    assert APIClient().get(path, HTTP_IF_NONE_MATCH=seen.headers["ETag"]).status_code == 304

    images.set_image(product.pk, images.store_upload(picture(5)), actor=SYSTEM)
    assert APIClient().get(path, HTTP_IF_NONE_MATCH=seen.headers["ETag"]).status_code == 200

    products.change_product(product.pk, {"image_url": "https://img.test/1.jpg"}, actor=SYSTEM)
    elsewhere = APIClient().get(path)
    assert (elsewhere.status_code, elsewhere.headers["Location"]) == (302, "https://img.test/1.jpg")

    products.change_product(product.pk, {"is_active": False}, actor=SYSTEM)
    assert APIClient().get(path).status_code == 404
    assert APIClient().get("/api/products/999999/thumbnail").status_code == 404


def test_thumbnail_in_a_public_bucket_is_a_redirect(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    product = ProductFactory()
    (row,) = shown(product)
    settings.MEDIA_URL = "https://pictures.test/"

    def fail(name: str) -> bytes:
        raise AssertionError("the file was read")

    monkeypatch.setattr(files, "read", fail)

    seen = APIClient().get(f"/api/products/{product.pk}/thumbnail")

    assert (seen.status_code, seen.headers["Cache-Control"]) == (302, "public, max-age=300")
    assert seen.headers["Location"] == f"https://pictures.test/thumbnails/{row.image.name}.jpg"


def test_media_waits_briefly_for_a_place_then_is_overloaded() -> None:
    address = f"/media/images/{images.store_upload(picture()).name}.jpg"

    with ExitStack() as places:
        for _ in range(4):
            places.enter_context(FILE_READS.place())

        busy = APIClient().get(address)
        assert (busy.status_code, busy.json()["code"], busy.headers["Retry-After"]) == (503, "overloaded", "5")

        known = APIClient().get(address, HTTP_IF_NONE_MATCH=f'"images/{address.rpartition("/")[2]}"')
        assert known.status_code == 304

        soon = threading.Timer(0.1, places.pop_all().close)
        soon.start()
        assert APIClient().get(address).status_code == 200
        soon.join()
