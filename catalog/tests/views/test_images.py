"""Pictures as anyone sees them; what nobody shows is forgotten; a store that fails harms nothing."""

import threading
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Image, Product, ProductImage
from catalog.selectors.images import own_place, place_of, thumbnail_place_of
from catalog.services import images, products
from catalog.tasks import sweep_images
from catalog.tests.test_admin import errors_of, save
from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.errors import GatewayError, InvalidInput
from lld.gateways import files
from lld.gateways.bulkhead import FILE_READS
from tests.factories import ProductFactory, as_console, as_staff
from tests.pictures import picture, shown, upload

pytestmark = pytest.mark.django_db

FOR_EVER = "public, max-age=31536000, immutable"


def old(image: Image) -> Image:
    Image.objects.filter(pk=image.pk).update(created_at=timezone.now() - timedelta(hours=25))
    return image


def has_files(name: str) -> list[bool]:
    return [files.read(place) is not None for place in (place_of(name), thumbnail_place_of(name))]


@pytest.mark.parametrize("folder", ["images", "thumbnails"])
def test_files_are_served_for_ever(folder: str) -> None:
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


def test_nothing_else_of_the_store_is_served() -> None:
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


def test_thumbnails_of_products() -> None:
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


def test_thumbnails_in_a_public_bucket_are_not_read_for_anyone(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = ProductFactory()
    (row,) = shown(product)
    settings.MEDIA_URL = "https://pictures.test/"

    def fail(name: str) -> bytes:
        raise AssertionError("the file was read")

    monkeypatch.setattr(files, "read", fail)
    seen = APIClient().get(f"/api/products/{product.pk}/thumbnail")
    assert (seen.status_code, seen.headers["Cache-Control"]) == (302, "public, max-age=300")
    assert seen.headers["Location"] == f"https://pictures.test/thumbnails/{row.image.name}.jpg"


@pytest.mark.parametrize("scheme", ["http", "https", "HTTPS"])
def test_an_address_of_ours_is_ours_whatever_its_scheme(scheme: str, settings: Any) -> None:
    settings.MEDIA_URL = "https://pictures.test/lld/"
    assert own_place(f"{scheme}://pictures.test/lld/images/1.jpg") == "images/1.jpg"
    assert own_place(f"{scheme}://testserver/media/images/1.jpg") == "images/1.jpg"
    assert own_place(f"{scheme}://TestServer/media/images/1.jpg") == "images/1.jpg"
    # No picture, and its thumbnail would lead back to it.
    assert own_place(f"{scheme}://testserver/api/products/1/thumbnail") == "api/products/1/thumbnail"
    assert own_place(f"{scheme}://pictures.test/images/1.jpg") is None
    assert own_place(f"{scheme}://elsewhere.test/{scheme}://testserver/media/images/1.jpg") is None


@pytest.mark.parametrize("address", ["", "testserver/media/images/1.jpg", "ftp://testserver/media/images/1.jpg"])
def test_what_is_no_web_address_is_not_ours(address: str) -> None:
    assert own_place(address) is None


def test_a_picture_waits_a_moment_for_its_place_and_no_longer() -> None:
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


def test_what_nobody_shows_is_forgotten_after_a_day() -> None:
    product = ProductFactory()
    (row,) = shown(product)
    old(row.image)
    named = old(images.store_upload(picture(2)))
    Product.objects.filter(pk=ProductFactory().pk).update(image_url=place_of(named.name))
    young, unseen = images.store_upload(picture(3)), old(images.store_upload(picture(4)))
    sweep_images()
    assert set(Image.objects.values_list("name", flat=True)) == {row.image.name, named.name, young.name}
    assert has_files(unseen.name) == [False, False]
    assert has_files(row.image.name) == has_files(named.name) == has_files(young.name) == [True, True]


def test_storing_a_picture_again_gives_it_another_day() -> None:
    image = old(images.store_upload(picture()))
    assert images.store_upload(picture()).pk == image.pk
    assert images.sweep_images() == 0


def test_a_picture_that_was_removed_is_forgotten_with_its_row() -> None:
    product = ProductFactory()
    (row,) = shown(product)
    old(row.image)
    images.remove_image(product.pk, actor=SYSTEM)
    assert images.sweep_images() == 1
    with pytest.raises(InvalidInput):
        products.change_product(product.pk, {"image_url": place_of(row.image.name)}, actor=SYSTEM)
    assert not ProductImage.objects.exists()


def test_files_that_cannot_be_forgotten_today_are_forgotten_another_day(monkeypatch: pytest.MonkeyPatch) -> None:
    image = old(images.store_upload(picture()))

    def fail(name: str) -> None:
        raise GatewayError("The file store", "It is down.")

    with monkeypatch.context() as patch:
        patch.setattr(files, "delete", fail)
        assert images.sweep_images() == 0
    old(Image.objects.get(name=image.name))
    assert images.sweep_images() == 1
    assert has_files(image.name) == [False, False]


def test_a_store_that_fails_leaves_no_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise GatewayError("The file store", "It is down.", unknown=True)

    monkeypatch.setattr(files, "save", fail)
    product = ProductFactory()
    path = f"/api/staff/products/{product.pk}/image"
    answer = as_staff().post(path, {"image": upload()}, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (502, "vendor_failed")
    assert not Image.objects.exists()
    product.refresh_from_db()
    assert (product.image_url, product.version) == ("", 1)


def test_the_console_shows_the_gallery() -> None:
    product = ProductFactory()
    _, second = shown(product, 2)
    page = as_console(Role.WAREHOUSE).get(reverse("admin:catalog_product_change", args=[product.pk]))
    assert f"/media/thumbnails/{second.image.name}.jpg" in page.content.decode()
    listed = as_console(Role.WAREHOUSE).get(reverse("admin:catalog_image_changelist"))
    assert f"/media/thumbnails/{second.image.name}.jpg" in listed.content.decode()


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "ftp://img.test/1.jpg", f"images/{'0' * 32}.jpg", "images/x"]
)
def test_the_console_takes_no_address_that_names_no_picture(address: str) -> None:
    product = ProductFactory()
    assert "image_url" in errors_of(save(as_console(Role.MANAGER), product, image_url=address))
    product.refresh_from_db()
    assert product.image_url == ""


def test_the_console_keeps_gallery_and_address_in_step() -> None:
    product = ProductFactory()
    _, second = shown(product, 2)
    client = as_console(Role.MANAGER)
    save(client, product, image_url=product.image_url, name="Renamed")
    product.refresh_from_db()
    save(client, product, image_url=f"http://testserver/media/{place_of(second.image.name)}")
    product.refresh_from_db()
    assert (product.name, product.image_url) == ("Renamed", place_of(second.image.name))
    assert ProductImage.objects.get(is_primary=True).pk == second.pk
