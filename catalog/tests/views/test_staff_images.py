"""Pictures of products, as staff put, order and remove them."""

import pytest
from rest_framework.test import APIClient

from catalog.models import Image, ProductImage
from catalog.selectors.products import revision
from catalog.tests.views.galleries import MEDIA, act, gallery, send
from lld.core.errors import GatewayError
from lld.core.images import MOST_BYTES
from lld.core.models import AuditEntry
from lld.gateways import files
from tests import pictures
from tests.factories import ProductFactory, as_staff
from tests.pictures import picture, shown, upload

pytestmark = pytest.mark.django_db


def test_image_becomes_the_primary_picture() -> None:
    product = ProductFactory()

    answer = send(product, "image")
    assert answer.status_code == 200
    body = answer.json()
    assert body["image_url"] == body["product"]["image_url"]
    assert body["image_url"].startswith(f"{MEDIA}images/")
    assert body["product"]["thumbnail_url"] == body["image_url"].replace("images", "thumbnails")
    assert body["product"]["version"] == 2
    [row] = gallery(product)
    assert (row["image_url"], row["is_primary"], row["width"]) == (body["image_url"], True, 40)

    for address in (body["image_url"], row["thumbnail_url"]):
        seen = APIClient().get(address.removeprefix("http://testserver"))
        assert (seen.status_code, seen.headers["Content-Type"]) == (200, "image/jpeg")
        assert seen.content.startswith(b"\xff\xd8\xff")
    entry = AuditEntry.objects.get()
    assert (entry.action, set(entry.after)) == ("product.change", {"image_url"})


def test_new_image_replaces_the_primary_picture() -> None:
    product = ProductFactory()
    first, second, third = shown(product, 3)
    act(product, f"images/{second.pk}/set-primary")

    send(product, "image", picture(9))

    rows = gallery(product)
    assert [row["id"] for row in rows][::2] == [first.pk, third.pk]
    assert [row["is_primary"] for row in rows] == [False, True, False]
    assert second.pk not in {row["id"] for row in rows}


def test_deleted_image_leaves_the_others() -> None:
    product = ProductFactory()
    _, second = shown(product, 2)

    answer = act(product, "image", method="delete")
    assert (answer.status_code, answer.json()["product"]["image_url"]) == (200, "")
    assert [(row["id"], row["is_primary"]) for row in gallery(product)] == [(second.pk, False)]

    assert act(product, "image", method="delete").status_code == 200


def test_first_gallery_picture_is_primary() -> None:
    product = ProductFactory()

    first = send(product, "images", picture(1))
    second = send(product, "images", picture(2))
    assert (first.status_code, first.json()["image"]["is_primary"]) == (201, True)
    assert (second.status_code, second.json()["image"]["is_primary"]) == (201, False)
    assert second.json()["product"]["image_url"] == first.json()["image"]["image_url"]
    assert second.json()["image"] == gallery(product)[1]

    again = send(product, "images", picture(1))
    assert (again.status_code, again.json()["image"]) == (200, gallery(product)[0])
    assert len(gallery(product)) == 2


def test_external_image_url_stays_when_a_picture_is_added() -> None:
    product = ProductFactory(image_url="https://img.test/1.jpg")
    added = send(product, "images").json()
    assert (added["image"]["is_primary"], added["product"]["image_url"]) == (False, "https://img.test/1.jpg")


def test_next_picture_is_primary_after_a_delete() -> None:
    product = ProductFactory()
    first, second, third = shown(product, 3)

    act(product, "images/reorder", {"order": [first.pk, third.pk, second.pk]})
    after = act(product, f"images/{first.pk}", method="delete").json()["product"]
    assert [(row["id"], row["is_primary"]) for row in gallery(product)] == [(third.pk, True), (second.pk, False)]
    assert after["image_url"] == gallery(product)[0]["image_url"]

    act(product, f"images/{second.pk}", method="delete")
    assert act(product, f"images/{third.pk}", method="delete").json()["product"]["image_url"] == ""
    assert act(product, f"images/{third.pk}", method="delete").status_code == 404


def test_set_primary_chooses_the_primary_picture() -> None:
    product = ProductFactory()
    _, second = shown(product, 2)

    answer = act(product, f"images/{second.pk}/set-primary").json()
    assert answer["product"]["image_url"] == gallery(product)[1]["image_url"]
    assert [row["is_primary"] for row in gallery(product)] == [False, True]

    version = answer["product"]["version"]
    assert act(product, f"images/{second.pk}/set-primary").json()["product"]["version"] == version


def test_reorder_names_the_whole_gallery() -> None:
    product = ProductFactory()
    a, b, c = (row.pk for row in shown(product, 3))
    (stranger,) = shown(ProductFactory())

    answer = act(product, "images/reorder", {"order": [c, a, b]})
    assert answer.status_code == 200
    assert [row["id"] for row in gallery(product)] == [c, a, b]

    for order in ([c, a], [c, a, b, b], [c, a, a], [c, a, b, stranger.pk], [], "abc", [True], [c, a, "x"], None):
        refused = act(product, "images/reorder", {"order": order})
        assert refused.status_code == 400
        assert set(refused.json()["fields"]) <= {"order", "order[0]", "order[2]"}
    assert [row["id"] for row in gallery(product)] == [c, a, b]


def test_gallery_holds_twenty_pictures() -> None:
    product = ProductFactory()
    shown(product, 20)

    refused = send(product, "images", picture(99))
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")

    assert send(product, "images", picture(3)).status_code == 200
    assert send(product, "image", picture(99)).status_code == 200
    assert len(gallery(product)) == 20


def test_picture_of_another_product_is_not_found() -> None:
    product = ProductFactory()
    (theirs,) = shown(ProductFactory())
    assert act(product, f"images/{theirs.pk}", method="delete").status_code == 404
    assert act(product, f"images/{theirs.pk}/set-primary").status_code == 404
    assert ProductImage.objects.count() == 1


def test_unknown_product_is_not_found() -> None:
    ghost = ProductFactory.build(pk=999_999)

    for answer in (
        send(ghost, "image"),
        send(ghost, "images"),
        act(ghost, "image", method="delete"),
        act(ghost, "images/reorder", {"order": []}),
        act(ghost, "images/1/set-primary"),
        act(ghost, "images/1", method="delete"),
        as_staff().get("/api/staff/products/999999/images"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not Image.objects.exists()


def test_stale_version_shows_the_current_product() -> None:
    product = ProductFactory()
    first, second = shown(product, 2)

    for answer in (
        send(product, "image", HTTP_IF_MATCH='"1"'),
        send(product, "images", picture(5), HTTP_IF_MATCH='"1"'),
        act(product, "image", method="delete", HTTP_IF_MATCH='"1"'),
        act(product, "images/reorder", {"order": [second.pk, first.pk]}, HTTP_IF_MATCH='"1"'),
        act(product, f"images/{second.pk}/set-primary", HTTP_IF_MATCH='"1"'),
        act(product, f"images/{second.pk}", method="delete", HTTP_IF_MATCH='"1"'),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "version_conflict")
        assert answer.json()["current"]["id"] == product.pk
    assert [row["id"] for row in gallery(product)] == [first.pk, second.pk]


@pytest.mark.django_db(transaction=True)
def test_every_picture_change_advances_the_revision() -> None:
    product = ProductFactory()
    first, second = shown(product, 2)
    numbers = [revision()]

    for change in (
        lambda: send(product, "images", picture(5)),
        lambda: act(product, f"images/{second.pk}/set-primary"),
        lambda: act(product, f"images/{first.pk}", method="delete"),
        lambda: act(product, "image", method="delete"),
        lambda: send(product, "image", picture(6)),
    ):
        assert change().status_code in {200, 201}
        numbers.append(revision())

    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("path", ["image", "images"])
@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script></html>",
        picture()[:60],
        pictures.png_bomb(),
        pictures.webp_of_size(16_000, 16_000),
        b"",
    ],
    ids=["svg", "html", "truncated", "bomb", "webp", "empty"],
)
def test_invalid_picture_is_refused(path: str, content: bytes) -> None:
    product = ProductFactory()
    refused = send(product, path, content)
    assert (refused.status_code, set(refused.json()["fields"])) == (400, {"image"})
    assert not Image.objects.exists()


def test_form_without_a_picture_is_refused() -> None:
    client, path = as_staff(), f"/api/staff/products/{ProductFactory().pk}/image"

    for body in ({}, {"image": "text"}, {"photo": upload()}):
        refused = client.post(path, body, format="multipart")
        assert (refused.status_code, set(refused.json()["fields"])) == (400, {"image", *body})
    assert client.post(path, {"image": "x"}, format="json").status_code == 415
    assert client.post(path, picture(), content_type="image/png").status_code == 415

    torn = client.post(path, b"--x\r\nnothing", content_type="multipart/form-data; boundary=x")
    assert torn.status_code == 400

    unbound = client.post(path, b"--x", content_type="multipart/form-data")
    assert unbound.status_code == 400


def test_too_large_body_is_refused_before_it_is_read() -> None:
    product = ProductFactory()

    a_little = send(product, "image", picture() + b"\0" * MOST_BYTES)
    assert (a_little.status_code, a_little.json()["code"]) == (413, "too_large")

    class NeverRead:
        def read(self, *_: int) -> bytes:
            raise AssertionError("the body was read")

        readline = read

    for path in (f"/api/staff/products/{product.pk}/image", "/api/staff/products/upload-image"):
        far = as_staff().generic(
            "POST",
            path,
            content_type="multipart/form-data; boundary=x",
            CONTENT_LENGTH=str(60 * 1024 * 1024),
            **{"wsgi.input": NeverRead()},
        )
        assert (far.status_code, far.json()["code"]) == (413, "too_large")


def test_failing_file_store_leaves_no_row(monkeypatch: pytest.MonkeyPatch) -> None:
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
