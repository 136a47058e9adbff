"""Products, as managers make, change and delete them."""

from typing import Any

import pytest

from catalog.models import Product, StockMovement
from lld.core.access import Role
from lld.core.models import AuditEntry, IdempotencyClaim
from tests.factories import CategoryFactory, ProductFactory, as_staff, place
from tests.pictures import upload

pytestmark = pytest.mark.django_db

PATH = "/api/staff/products"


def create(**changes: Any) -> Any:
    body = {"name": "Ladle", "sku": "ld-8", "unit_price": 12.5, "category_id": CategoryFactory().pk}
    return as_staff(Role.MANAGER).post(PATH, {**body, **changes})


def change(product: Product, body: dict[str, Any], **extra: Any) -> Any:
    return as_staff(Role.MANAGER).put(f"{PATH}/{product.pk}", body, **extra)


def test_new_product_takes_every_field() -> None:
    extras = {"cost_per_item": 6, "ship_weight_oz": 9.5, "ship_box_name": "Small", "ship_box_length": 10.25}

    answer = create(stock_quantity=40, is_customizable=True, bin_location="A-12", case_quantity=24, **extras)

    assert answer.status_code == 201
    made = answer.json()["product"]
    assert {name: made[name] for name in extras} == extras
    assert (made["sku"], made["stock_quantity"], made["in_stock"], made["bin_location"]) == ("LD-8", 40, True, "A-12")
    row = StockMovement.objects.get()
    assert (row.reason, row.quantity_delta) == ("opening", 40)
    assert AuditEntry.objects.get().action == "product.create"


def test_idempotency_key_makes_one_product() -> None:
    client = as_staff(Role.MANAGER)
    body = {"name": "Ladle", "sku": "ld-8", "unit_price": 12.5, "category_id": CategoryFactory().pk}
    body |= {"stock_quantity": 40}

    def send(**changes: Any) -> Any:
        return client.post(PATH, {**body, **changes}, HTTP_IDEMPOTENCY_KEY="ladle")

    first, again, other = send(), send(), send(stock_quantity=41)

    assert first.status_code == 201
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert StockMovement.objects.count() == Product.objects.count() == 1


def test_idempotency_key_of_a_refusal_may_be_used_for_a_corrected_body() -> None:
    client = as_staff(Role.MANAGER)
    body = {"name": "Ladle", "sku": "ld-8", "unit_price": 12.5, "category_id": CategoryFactory().pk}
    picture = f"data:image/png;base64,{'A' * 13_000_000}"

    statuses = [
        client.post(PATH, {**body, **changes}, HTTP_IDEMPOTENCY_KEY="ladle").status_code
        for changes in ({"image_url": picture}, {"image_url": picture}, {})
    ]

    assert statuses == [400, 400, 201]


def test_lost_answer_makes_no_second_product() -> None:
    client = as_staff(Role.MANAGER)
    body = {"name": "Ladle", "sku": "ld-8", "unit_price": 12.5, "category_id": CategoryFactory().pk}
    client.post(PATH, body, HTTP_IDEMPOTENCY_KEY="ladle")
    IdempotencyClaim.objects.update(status=None, answer=None)
    Product.objects.update(sku="LD-9")

    lost = client.post(PATH, body, HTTP_IDEMPOTENCY_KEY="ladle")

    assert (lost.status_code, lost.json()["code"]) == (409, "idempotency_conflict")


def test_list_shows_what_one_product_shows() -> None:
    made = create(cost_per_item=6, ship_weight_oz=9.5).json()["product"]
    ProductFactory(name="Zester", is_active=False)

    page = as_staff(Role.STAFF).get(PATH).json()

    assert page["products"][0] == made
    assert [row["name"] for row in page["products"]] == ["Ladle", "Zester"]
    assert (page["total"], page["pages"], page["current_page"], page["per_page"]) == (2, 1, 1, 50)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("sku", "a b"),
        ("sku", "<b>"),
        ("sku", "x" * 41),
        ("unit_price", 0),
        ("unit_price", None),
        ("bulk_price", 5),
        ("bulk_quantity", 3),
        ("category_id", 0),
        ("category_id", 999_999),
        ("category_id", 10**30),
        ("category_id", True),
        ("stock_quantity", -1),
        ("in_stock", "yes"),
        ("image_url", "javascript:alert(1)"),
        ("cost_per_item", -1),
        ("ship_weight_oz", -1),
        ("ship_box_length", 10**6),
        ("ship_box_name", "x" * 61),
        ("is_customizable", 1),
        ("case_quantity", 0),
        ("bin_location", "x" * 21),
    ],
)
def test_invalid_field_is_named(field: str, value: Any) -> None:
    answer = create(**{field: value})
    assert answer.status_code == 400, answer.content
    other = {"bulk_price": "bulk_quantity", "bulk_quantity": "bulk_price"}
    assert set(answer.json()["fields"]) <= {field, other.get(field, field)}
    assert not Product.objects.exists()

    product = ProductFactory(bulk_price=None, bulk_quantity=None)
    assert change(product, {field: value}).status_code == 400
    product.refresh_from_db()
    assert product.version == 1


def test_change_sets_given_fields_only() -> None:
    product = ProductFactory()

    answer = change(product, {"brand": "Winco", "stock_quantity": 3})
    assert answer.status_code == 200
    after = answer.json()["product"]
    assert (after["brand"], after["stock_quantity"], after["name"]) == ("Winco", 3, product.name)

    others = {"id": 1, "version": 99, "stock_reserved": 7}
    refused = change(product, {**others, "brand": "Vollrath"})
    assert (refused.status_code, set(refused.json()["fields"])) == (400, set(others))
    product.refresh_from_db()
    assert product.brand == "Winco"


def test_taken_sku_is_a_conflict() -> None:
    product = ProductFactory()
    assert create(sku=product.sku.lower()).json()["code"] == "duplicate"
    assert change(ProductFactory(), {"sku": product.sku.lower()}).json()["code"] == "duplicate"


def test_stale_version_is_a_conflict() -> None:
    product = ProductFactory()
    assert change(product, {"name": "One"}, HTTP_IF_MATCH="1").status_code == 200
    stale = change(product, {"name": "Two"}, HTTP_IF_MATCH="1")
    assert (stale.status_code, stale.json()["current"]["name"]) == (409, "One")


def test_product_without_a_past_is_deleted() -> None:
    product = ProductFactory()
    manager = as_staff(Role.MANAGER)

    assert manager.delete(f"{PATH}/{product.pk}").json()["message"] == "The product is deleted."
    assert not Product.objects.exists()
    assert AuditEntry.objects.get(action="product.delete").object_id == str(product.pk)
    assert manager.delete(f"{PATH}/{product.pk}").status_code == 404


@pytest.mark.usefixtures("sandbox")
def test_ordered_product_is_taken_off_sale_and_kept(api: Any) -> None:
    product = ProductFactory()
    order = place((product, 1))

    answer = as_staff(Role.MANAGER).delete(f"{PATH}/{product.pk}")

    assert (answer.status_code, "kept" in answer.json()["message"]) == (200, True)
    product.refresh_from_db()
    assert not product.is_active
    assert order.lines.get().product == product
    assert api.get(f"/api/products/{product.pk}").status_code == 404


def test_role_below_manager_reads_and_changes_nothing() -> None:
    product = ProductFactory()

    for role in (Role.STAFF, Role.SALES_REP, Role.WAREHOUSE):
        client = as_staff(role)
        assert client.get(PATH).status_code == 200
        assert client.put(f"{PATH}/{product.pk}", {"name": "x"}).status_code == 403
        assert client.delete(f"{PATH}/{product.pk}").status_code == 403


@pytest.mark.parametrize("role", Role)
def test_costs_are_shown_to_those_who_reckon_with_them(role: Role) -> None:
    product = ProductFactory()
    client = as_staff(role)
    reckons = role in {Role.ADMIN, Role.MANAGER, Role.STAFF}

    listed = client.get(PATH, {"search": product.sku}).json()["products"] + client.get(PATH).json()["products"]
    pictured = client.post(f"{PATH}/{product.pk}/images", {"image": upload()}, format="multipart").json()["product"]

    assert [row["cost_per_item"] for row in [*listed, pictured]] == [6.0 if reckons else None] * 3
