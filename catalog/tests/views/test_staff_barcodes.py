"""Barcodes of products: what staff enter, what answers show, and whose a code is."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import Barcode, Product
from lld.core.access import Role, Scope
from lld.core.models import AuditEntry
from tests.factories import CategoryFactory, ProductFactory, as_key, as_staff

pytestmark = pytest.mark.django_db

PATH = "/api/staff/products"
UPC, EAN, SHORT, CASE = "012345678905", "4006381333931", "96385074", "10012345678902"


def enter(product: Product, *codes: Any, **extra: Any) -> Any:
    barcodes = [{"code": code} if isinstance(code, str) else code for code in codes]
    return as_staff(Role.MANAGER).put(f"{PATH}/{product.pk}", {"barcodes": barcodes}, **extra)


def codes_of(product: Product) -> list[str]:
    return sorted(product.barcodes.values_list("code", flat=True))


def test_barcodes_replace_all_before_and_are_audited() -> None:
    product = ProductFactory()

    answer = enter(product, UPC, {"code": CASE, "unit": "case"})
    assert answer.json()["product"]["barcodes"] == [
        {"code": UPC, "unit": "each"},
        {"code": CASE, "unit": "case"},
    ]
    assert answer.json()["product"]["version"] == 2

    enter(product, EAN, {"code": UPC, "unit": "case"})
    assert codes_of(product) == [UPC, EAN]
    entry = AuditEntry.objects.order_by("-pk").first()
    assert entry is not None
    assert (entry.action, entry.actor_kind, entry.object_id) == ("product.barcodes", "staff", str(product.pk))
    assert entry.before == {"barcodes": f"{UPC} each, {CASE} case"}
    assert entry.after == {"barcodes": f"{UPC} case, {EAN} each"}

    assert enter(product).json()["product"]["barcodes"] == []


def test_barcodes_repeated_or_left_out_stay_unchanged() -> None:
    product = ProductFactory()

    enter(product, UPC, EAN)
    assert enter(product, EAN, UPC).json()["product"]["version"] == 2
    assert AuditEntry.objects.filter(action="product.barcodes").count() == 1

    as_staff(Role.MANAGER).put(f"{PATH}/{product.pk}", {"name": "Ladle"})
    assert codes_of(product) == [UPC, EAN]


def test_new_product_has_its_barcodes() -> None:
    body = {"name": "Ladle", "sku": "ld-8", "unit_price": 12.5, "category_id": CategoryFactory().pk}

    made = as_staff(Role.MANAGER).post(PATH, {**body, "barcodes": [{"code": UPC}], "stock_quantity": 3})
    assert made.status_code == 201
    assert made.json()["product"]["barcodes"] == [{"code": UPC, "unit": "each"}]

    taken = as_staff(Role.MANAGER).post(PATH, {**body, "sku": "ld-9", "barcodes": [{"code": UPC}]})
    assert (taken.status_code, "LD-8" in taken.json()["error"]) == (409, True)
    assert Product.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (UPC, UPC),
        (SHORT, SHORT),
        (EAN, EAN),
        (CASE, CASE),
        ("0012345678905", UPC),
        ("00012345678905", UPC),
        ("0 12345-67890 5", UPC),
        ("04006381333931", EAN),
        ("00000096385074", SHORT),
        (4006381333931, EAN),
    ],
)
def test_code_is_kept_in_its_shortest_spelling(given: Any, kept: str) -> None:
    product = ProductFactory()
    assert enter(product, {"code": given}).status_code == 200
    assert codes_of(product) == [kept]


@pytest.mark.parametrize(
    "code",
    [
        "",
        "012345678904",
        "12345678",
        "0123456789",
        "1" * 15,
        "01234567890x",
        "٠١٢٣٤٥٦٧٨٩٠٥",
        "0" * 12,
        None,
        True,
        [UPC],
        {},
    ],
)
def test_invalid_code_is_named(code: Any) -> None:
    product = ProductFactory()
    answer = enter(product, {"code": EAN}, {"code": code})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["barcodes[1].code"])
    assert not Barcode.objects.exists()


@pytest.mark.parametrize(
    ("barcodes", "field"),
    [
        ([{"code": UPC, "unit": "pallet"}], "barcodes[0].unit"),
        ([{"unit": "each"}], "barcodes[0].code"),
        ([UPC], "barcodes[0]"),
        (UPC, "barcodes"),
        (None, "barcodes"),
        ({"code": UPC}, "barcodes"),
        ([{"code": UPC}, {"code": "0012345678905", "unit": "case"}], "barcodes"),
        ([{"code": f"{n:07}"} for n in range(21)], "barcodes"),
    ],
)
def test_invalid_barcodes_list_is_named(barcodes: Any, field: str) -> None:
    product = ProductFactory()
    answer = as_staff(Role.MANAGER).put(f"{PATH}/{product.pk}", {"name": "Ladle", "barcodes": barcodes})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    product.refresh_from_db()
    assert product.version == 1


def test_taken_code_is_a_conflict_that_names_its_sku() -> None:
    owner, product = ProductFactory(), ProductFactory()
    enter(owner, UPC)
    enter(product, EAN)
    body = {"name": "Ladle", "barcodes": [{"code": SHORT}, {"code": f"0{UPC}"}]}

    refused = as_staff(Role.MANAGER).put(f"{PATH}/{product.pk}", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "duplicate")
    assert owner.sku in refused.json()["error"]
    product.refresh_from_db()
    assert (product.version, codes_of(product), codes_of(owner)) == (2, [EAN], [UPC])

    enter(owner)
    assert enter(product, UPC).status_code == 200


def test_stale_version_shows_current_barcodes() -> None:
    product = ProductFactory()
    enter(product, UPC)
    stale = enter(product, EAN, HTTP_IF_MATCH="1")
    assert (stale.status_code, stale.json()["current"]["barcodes"]) == (409, [{"code": UPC, "unit": "each"}])


def test_barcodes_are_in_one_order_everywhere(api: APIClient) -> None:
    product = ProductFactory(bin_location="A-12", case_quantity=24)
    for code in (EAN, SHORT, CASE, UPC):
        Barcode.objects.create(product=product, code=code)
    other = ProductFactory(name="Zester")
    shown = [{"code": code, "unit": "each"} for code in sorted((EAN, SHORT, CASE, UPC))]
    staff, key = as_staff(Role.WAREHOUSE), as_key(Scope.CATALOG_READ)

    changed = as_staff(Role.MANAGER).put(f"{PATH}/{product.pk}", {"brand": "Winco"}).json()["product"]
    lists = {path: client.get(path).json()["products"] for path, client in (
        (PATH, staff), ("/api/staff/inventory", staff), ("/api/v1/products", key)
    )}  # fmt: skip

    for rows in lists.values():
        assert [(row["id"], row["barcodes"]) for row in rows] == [(product.pk, shown), (other.pk, [])]
        assert rows[0]["case_quantity"] == 24

    singles = [changed, key.get(f"/api/v1/products/{product.sku}").json()["product"]]
    singles += [api.get(f"/api/products/{product.pk}").json(), api.get(f"/api/products/sku/{product.sku}").json()]
    for single in singles:
        assert (single["barcodes"], single["slug"], single["case_quantity"]) == (shown, product.slug, 24)
    assert lists[PATH][0]["bin_location"] == lists["/api/staff/inventory"][0]["bin_location"] == "A-12"
    for row in (lists["/api/v1/products"][0], *singles[1:]):
        assert not {"bin_location", "cost_per_item"} & set(row)


def test_inventory_search_finds_a_scanned_code() -> None:
    product = ProductFactory(is_active=False)
    ProductFactory()
    enter(product, UPC)

    for code in (UPC, f"0{UPC}"):
        found = as_staff(Role.WAREHOUSE).get("/api/staff/inventory", {"search": code}).json()["products"]
        assert [row["id"] for row in found] == [product.pk]


def test_barcodes_need_a_manager() -> None:
    product = ProductFactory()
    answer = as_staff(Role.WAREHOUSE).put(f"{PATH}/{product.pk}", {"barcodes": [{"code": UPC}]})
    assert answer.status_code == 403
    assert not Barcode.objects.exists()
