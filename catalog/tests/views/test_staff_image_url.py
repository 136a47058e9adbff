"""A product's picture by its address: of one uploaded before, of one elsewhere, or as a data URL."""

from typing import Any

import pytest

from catalog.models import Image, Product, ProductImage
from catalog.tests.views.galleries import MEDIA, act, data_url, gallery
from lld.core.access import Role, Scope
from lld.core.images import MOST_BYTES
from tests.factories import CategoryFactory, ProductFactory, as_key, as_staff
from tests.pictures import picture, shown, upload

pytestmark = pytest.mark.django_db


def create(image_url: Any) -> Any:
    body = {"name": "Ladle", "sku": "LD-8", "unit_price": 5, "category_id": CategoryFactory().pk}
    return as_staff(Role.MANAGER).post("/api/staff/products", {**body, "image_url": image_url})


def test_uploaded_picture_is_used_by_a_new_product() -> None:
    stored = as_staff(Role.STAFF).post("/api/staff/products/upload-image", {"image": upload()}, format="multipart")
    assert stored.status_code == 201

    made = create(stored.json()["image_url"])
    assert made.status_code == 201
    assert made.json()["product"]["image_url"] == stored.json()["image_url"]
    row = ProductImage.objects.get()
    assert (row.product_id, row.is_primary) == (made.json()["product"]["id"], True)


def test_data_url_is_stored() -> None:
    made = create(data_url(picture(), "jpeg"))

    assert made.status_code == 201, made.content
    product = Product.objects.get()
    assert product.image_url == f"images/{Image.objects.get().name}.jpg"
    assert made.json()["product"]["image_url"] == f"{MEDIA}{product.image_url}"
    assert ProductImage.objects.get().is_primary


def test_data_url_is_limited_like_a_picture() -> None:
    largest = picture() + b"\0" * (MOST_BYTES - len(picture()))
    assert create(data_url(largest)).status_code == 201

    over = create(data_url(largest + b"\0\0\0"))
    assert (over.status_code, over.json()["code"]) == (413, "too_large")

    client, body = as_staff(Role.MANAGER), {"image_url": data_url(largest) + "A" * 2**20}
    assert client.put(f"/api/staff/products/{Product.objects.get().pk}", body).status_code == 413
    assert client.post("/api/staff/categories", {"name": "x" * 3 * 2**20}).status_code == 413


@pytest.mark.parametrize(
    "address",
    [
        "data:image/png;base64,",
        "data:image/png;base64,!!!!",
        "data:image/png;base64,AAAA",
        "data:image/svg+xml;base64,PHN2Zy8+",
        "data:text/html;base64,AAAA",
        "data:image/png,AAAA",
        "javascript:alert(1)",
        "https://",
        "https://img.test/\0",
        "https://img.test/" + "x" * 500,
        "images/0123.jpg",
        f"{MEDIA}images/{'0' * 32}.jpg",
        f"{MEDIA}checks/1.jpg",
        f"{MEDIA}images/../checks/{'0' * 32}.jpg",
        7,
        None,
        ["https://img.test/1.jpg"],
    ],
)
def test_invalid_image_url_is_named(address: Any) -> None:
    refused = create(address)
    assert (refused.status_code, set(refused.json()["fields"])) == (400, {"image_url"}), refused.content
    assert not Product.objects.exists()


def test_image_url_sent_back_changes_nothing() -> None:
    product = ProductFactory()
    shown(product, 2)
    client, path = as_staff(Role.MANAGER), f"/api/staff/products/{product.pk}"
    address = product.image_address.removeprefix("http")

    for scheme in ("http", "https", "HTTPS"):
        sent = client.put(path, {"image_url": f"{scheme}{address}"}).json()["product"]
        assert (sent["version"], sent["image_url"]) == (product.version, product.image_address)

    assert [row["is_primary"] for row in gallery(product)] == [True, False]


def test_external_or_empty_image_url_leaves_no_primary_picture() -> None:
    product = ProductFactory()
    shown(product)
    client, path = as_staff(Role.MANAGER), f"/api/staff/products/{product.pk}"

    for address in ("https://img.test/1.jpg", ""):
        changed = client.put(path, {"image_url": address}).json()["product"]
        assert (changed["image_url"], changed["thumbnail_url"]) == (address, address)
        assert [row["is_primary"] for row in gallery(product)] == [False]

    client.put(path, {"image_url": gallery(product)[0]["image_url"]})
    assert [row["is_primary"] for row in gallery(product)] == [True]


def test_full_gallery_replaces_the_primary_picture() -> None:
    product = ProductFactory()
    rows = shown(product, 20)
    act(product, f"images/{rows[4].pk}/set-primary")
    new = as_staff().post("/api/staff/products/upload-image", {"image": upload(picture(99))}, format="multipart")
    client, path = as_staff(Role.MANAGER), f"/api/staff/products/{product.pk}"

    changed = client.put(path, {"image_url": new.json()["image_url"], "unit_price": 12.5})

    assert changed.status_code == 200, changed.content
    assert (changed.json()["product"]["image_url"], changed.json()["product"]["unit_price"]) == (
        new.json()["image_url"],
        12.5,
    )
    after = gallery(product)
    assert [row["is_primary"] for row in after] == [place == 4 for place in range(20)]
    assert after[4]["image_url"] == new.json()["image_url"]
    assert [row["id"] for row in after if not row["is_primary"]] == [row.pk for row in rows if row != rows[4]]


def test_full_gallery_without_primary_picture_is_a_conflict() -> None:
    product = ProductFactory()
    shown(product, 20)
    client, path = as_staff(Role.MANAGER), f"/api/staff/products/{product.pk}"
    client.put(path, {"image_url": "https://img.test/1.jpg"})

    full = client.put(path, {"image_url": data_url(picture(99))})

    assert (full.status_code, full.json()["code"]) == (409, "conflict")
    assert len(gallery(product)) == 20


def test_bulk_rows_name_pictures_but_upload_none() -> None:
    product, same, other, third = ProductFactory.create_batch(4)
    shown(product)
    rows = [
        {"id": same.pk, "image_url": product.image_address},
        {"id": other.pk, "image_url": data_url(picture(5))},
        {"id": third.pk, "image_url": "https://img.test/1.jpg"},
    ]
    manager, key = as_staff(Role.MANAGER), as_key(Scope.CATALOG_WRITE)

    saved = manager.post("/api/staff/products/bulk-save", {"products": rows}).json()
    assert [row["id"] for row in saved["saved"]] == [same.pk, third.pk]

    updated = key.post("/api/v1/products/bulk-update", {"products": rows}).json()
    assert [row["id"] for row in updated["skipped"]] == [same.pk, third.pk]
    for outcome in (saved, updated):
        [error] = outcome["errors"]
        assert (error["id"], error["fields"]) == (other.pk, {"image_url": ["Upload the picture first."]})
    assert Image.objects.count() == 1
    assert ProductImage.objects.get(product=same).is_primary
