"""The catalogue in the console: prices leave a trace, stock figures are out of reach of forms."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.enums import StockReason
from catalog.models import Category, Product, ProductImage, StockMovement
from catalog.selectors.images import place_of
from catalog.services import products
from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.errors import Conflict
from lld.core.models import AuditEntry
from tests import stock
from tests.factories import CategoryFactory, ProductFactory, as_console, told
from tests.pictures import shown

pytestmark = pytest.mark.django_db

PRODUCTS = "admin:catalog_product_changelist"


def fields_of(product: Product, **changes: Any) -> dict[str, Any]:
    """What the browser sends when the form is saved."""
    values = {
        "sku": product.sku,
        "name": product.name,
        "category": product.category_id,
        "brand": product.brand,
        "unit_size": product.unit_size,
        "description": "",
        "unit_price": product.unit_price,
        "bulk_price": product.bulk_price or "",
        "bulk_quantity": product.bulk_quantity or "",
        "cost_per_item": product.cost_per_item or "",
        "is_active": "on",
        "in_stock": "on",
        "seen_version": product.version,
        "barcodes-TOTAL_FORMS": 0,
        "barcodes-INITIAL_FORMS": 0,
        "gallery-TOTAL_FORMS": 0,
        "gallery-INITIAL_FORMS": 0,
    }
    return values | changes


def save(client: Client, product: Product, **changes: Any) -> Any:
    address = reverse("admin:catalog_product_change", args=[product.pk])
    return client.post(address, fields_of(product, **changes), follow=True)


def errors_of(answer: Any) -> dict[str, list[str]]:
    return answer.context["adminform"].form.errors


def test_price_change_is_audited_with_its_actor() -> None:
    client, product = as_console(Role.MANAGER), ProductFactory()

    save(client, product, unit_price="11.50", bulk_price="9.00")

    product.refresh_from_db()
    assert (product.unit_price, product.bulk_price, product.version) == (Decimal("11.50"), Decimal("9.00"), 2)
    entry = AuditEntry.objects.get(action="product.change")
    assert (entry.actor_kind, entry.actor_id, entry.object_id) == ("staff", client.user.pk, str(product.pk))
    assert entry.before == {"unit_price": "10.00", "bulk_price": "8.00"}
    assert entry.after == {"unit_price": "11.50", "bulk_price": "9.00"}


def test_unchanged_form_is_not_audited() -> None:
    client, product = as_console(Role.MANAGER), ProductFactory()
    save(client, product)
    product.refresh_from_db()
    assert product.version == 1
    assert not AuditEntry.objects.exists()


def test_form_does_not_edit_stock_figures() -> None:
    client, product = as_console(Role.ADMIN), ProductFactory()
    product = stock.count(product.pk, 30, reason=StockReason.OPENING, actor=SYSTEM)

    save(client, product, name="Renamed", stock_quantity=999, stock_reserved=5, version=77)

    product.refresh_from_db()
    assert (product.name, product.stock_quantity, product.stock_reserved, product.version) == ("Renamed", 30, 0, 3)
    assert StockMovement.objects.count() == 1


def test_stale_form_is_refused() -> None:
    client, product = as_console(Role.MANAGER), ProductFactory()
    products.change_product(product.pk, {"unit_price": Decimal("12.00")}, actor=SYSTEM)

    answer = save(client, product, name="Renamed")

    assert told(answer) == ["Someone else has changed this product. Look at it again."]
    product.refresh_from_db()
    assert (product.name != "Renamed", product.unit_price) == (True, Decimal("12.00"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"bulk_price": "10.01"}, "bulk_price"),
        ({"bulk_price": ""}, "bulk_price"),
        ({"bulk_quantity": ""}, "bulk_quantity"),
        ({"unit_price": "-1", "bulk_price": "", "bulk_quantity": ""}, "__all__"),
        ({"unit_price": "abc"}, "unit_price"),
        ({"unit_price": "1e99"}, "unit_price"),
        ({"category": 999999}, "category"),
        ({"name": ""}, "name"),
        ({"sku": "x" * 41}, "sku"),
    ],
)
def test_invalid_field_is_named_and_not_saved(changes: dict[str, Any], field: str) -> None:
    client, product = as_console(Role.MANAGER), ProductFactory()
    before = Product.objects.values().get()
    answer = save(client, product, **changes)
    assert field in errors_of(answer)
    assert Product.objects.values().get() == before


def test_taken_sku_is_refused_in_any_case() -> None:
    client, product, other = as_console(Role.MANAGER), ProductFactory(), ProductFactory()

    assert "__all__" in errors_of(save(client, product, sku=other.sku.lower()))

    with pytest.raises(Conflict):
        products.change_product(product.pk, {"sku": other.sku.lower()}, actor=SYSTEM)
    product.refresh_from_db()
    assert product.sku != other.sku


def test_new_product_opens_its_stock_in_the_ledger() -> None:
    client, category = as_console(Role.MANAGER), CategoryFactory()
    draft = ProductFactory.build(category=category, sku="pan-9", name="Sheet pan 9")
    data = fields_of(draft, stock_quantity=24, stock_reserved=3)

    answer = client.post(reverse("admin:catalog_product_add"), data, follow=True)

    assert answer.status_code == 200
    product = Product.objects.get()
    assert (product.sku, product.slug, product.stock_quantity, product.stock_reserved) == (
        "PAN-9",
        "sheet-pan-9",
        24,
        0,
    )
    movement = StockMovement.objects.get()
    assert (movement.reason, movement.quantity_delta, movement.actor) == ("opening", 24, f"staff:{client.user}")
    assert AuditEntry.objects.get().action == "product.create"


def test_category_create_and_change_are_audited() -> None:
    client = as_console(Role.MANAGER)

    client.post(reverse("admin:catalog_category_add"), {"name": "Sheet Pans", "description": ""})
    category = Category.objects.get()
    assert category.slug == "sheet-pans"

    address = reverse("admin:catalog_category_change", args=[category.pk])
    client.post(address, {"name": "Pans", "description": "Flat"})
    category.refresh_from_db()
    assert (category.name, category.slug, category.description) == ("Pans", "sheet-pans", "Flat")
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "category.create",
        "category.change",
    ]


def run(client: Client, action: str, *chosen: Product) -> list[str]:
    data = {"action": action, "_selected_action": [product.pk for product in chosen], "index": 0}
    return told(client.post(reverse(PRODUCTS), data, follow=True))


def test_deactivate_and_activate_are_audited() -> None:
    client, first, second = as_console(Role.MANAGER), ProductFactory(), ProductFactory()

    assert run(client, "deactivate", first, second) == ["Taken off sale: 2."]
    assert not Product.objects.filter(is_active=True).exists()

    run(client, "activate", first)
    first.refresh_from_db()
    assert first.is_active
    entries = AuditEntry.objects.filter(object_id=str(first.pk)).order_by("pk")
    assert [(entry.before, entry.after) for entry in entries] == [
        ({"is_active": True}, {"is_active": False}),
        ({"is_active": False}, {"is_active": True}),
    ]
    assert {entry.actor_label for entry in entries} == {client.user.username}


@pytest.mark.parametrize("role", [Role.STAFF, Role.SALES_REP, Role.WAREHOUSE])
def test_role_below_manager_reads_and_changes_nothing(role: Role) -> None:
    client, product = as_console(role), ProductFactory()

    assert client.get(reverse(PRODUCTS)).status_code == 200
    assert client.get(reverse("admin:catalog_product_change", args=[product.pk])).status_code == 200
    assert client.get(reverse("admin:catalog_stockmovement_changelist")).status_code == 200

    before = Product.objects.values().get()
    assert save(client, product, unit_price="1.00").status_code == 403
    assert client.post(reverse("admin:catalog_product_add"), fields_of(product, sku="NEW")).status_code == 403
    run(client, "deactivate", product)
    assert client.post(reverse("admin:catalog_category_add"), {"name": "Mine"}).status_code == 403

    assert Product.objects.values().get() == before
    assert Category.objects.count() == 1
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_product_list_takes_the_same_queries_at_any_length(count: int, django_assert_num_queries: Any) -> None:
    client = as_console(Role.STAFF)
    ProductFactory.create_batch(count)
    # Session, user, the categories of the filter, the count of the page's rows, the rows.
    with django_assert_num_queries(5):
        assert client.get(reverse(PRODUCTS)).status_code == 200


def test_console_shows_the_gallery() -> None:
    product = ProductFactory()
    _, second = shown(product, 2)

    page = as_console(Role.WAREHOUSE).get(reverse("admin:catalog_product_change", args=[product.pk]))
    assert f"/media/thumbnails/{second.image.name}.jpg" in page.content.decode()

    listed = as_console(Role.WAREHOUSE).get(reverse("admin:catalog_image_changelist"))
    assert f"/media/thumbnails/{second.image.name}.jpg" in listed.content.decode()


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "ftp://img.test/1.jpg", f"images/{'0' * 32}.jpg", "images/x"]
)
def test_image_url_without_a_picture_is_refused(address: str) -> None:
    product = ProductFactory()
    assert "image_url" in errors_of(save(as_console(Role.MANAGER), product, image_url=address))
    product.refresh_from_db()
    assert product.image_url == ""


def test_image_url_change_moves_the_primary_picture() -> None:
    product = ProductFactory()
    _, second = shown(product, 2)
    client = as_console(Role.MANAGER)

    save(client, product, image_url=product.image_url, name="Renamed")
    product.refresh_from_db()
    save(client, product, image_url=f"http://testserver/media/{place_of(second.image.name)}")

    product.refresh_from_db()
    assert (product.name, product.image_url) == ("Renamed", place_of(second.image.name))
    assert ProductImage.objects.get(is_primary=True).pk == second.pk


@pytest.mark.parametrize("role", Role)
def test_costs_are_shown_to_those_who_reckon_with_them(role: Role) -> None:
    product = ProductFactory(cost_per_item=Decimal("6.17"))
    products.change_product(product.pk, {"cost_per_item": Decimal("6.18")}, actor=SYSTEM)

    page = as_console(role).get(reverse("admin:catalog_product_change", args=[product.pk])).content.decode()

    assert product.name in page
    reckons = role in {Role.ADMIN, Role.MANAGER, Role.STAFF}
    assert ("6.17" in page, "6.18" in page) == (reckons, reckons)
