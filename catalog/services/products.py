"""Categories and products, as staff make them."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.text import slugify

from catalog import locks, rules
from catalog.enums import StockReason
from catalog.models import Category, Product
from catalog.services import gallery, revision, stock
from catalog.services.barcodes import replace_barcodes
from catalog.services.stock import HeldProducts
from lld.core import audit, idempotency
from lld.core.actors import Actor
from lld.core.errors import Conflict, ErrorCode, InvalidInput, NotFound, StaleVersion, raise_if


@transaction.atomic
def create_category(*, actor: Actor, name: str, description: str = "") -> Category:
    """A new category. Forbidden; Conflict when the name is taken, whatever its case."""
    raise_if(rules.why_not_manage(actor))
    category = Category(name=name, slug=_free_slug(name), description=description)
    try:
        with transaction.atomic():
            category.save()
    except IntegrityError as error:
        raise Conflict("There is a category of this name already.", code=ErrorCode.DUPLICATE) from error
    audit.record("category.create", actor=actor, target=category, after={"name": name})
    revision.advance_revision()
    return category


def _free_slug(name: str) -> str:
    """C and C++ are two categories with one slug, which gets a number."""
    slug = slugify(name) or "category"
    taken = set(Category.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    return next(free for number in count(1) if (free := slug if number == 1 else f"{slug}-{number}") not in taken)


@transaction.atomic
def change_category(category_id: int, changes: Mapping[str, Any], *, actor: Actor) -> Category:
    """Change name or description; its address stays. Forbidden; Conflict when the name is taken."""
    raise_if(rules.why_not_manage(actor))
    category = locks.lock_category(category_id)
    if category is None:
        raise NotFound("There is no such category.")
    _apply(category, changes, actor=actor, taken="There is a category of this name already.")
    return category


@transaction.atomic
def create_product(*, actor: Actor, category_id: int, **values: Any) -> Product:
    """A new product.

    Forbidden; InvalidInput for an unknown category, half a bulk price; Conflict for a taken SKU or barcode.
    """
    raise_if(rules.why_not_manage(actor))
    _check_category(category_id)
    check_bulk_price(values)
    opening, barcodes = values.pop("stock_quantity", None), values.pop("barcodes", ())
    product = Product(category_id=category_id, slug=slugify(values["name"])[:220] or "product", **values)
    product.sku = product.sku.upper()
    try:
        with transaction.atomic():
            product.save()
    except IntegrityError as error:
        raise Conflict("There is a product with this SKU already.", code=ErrorCode.DUPLICATE) from error
    if opening is not None:
        held = stock.hold_products([product.pk])
        product = stock.count(held, product.pk, opening, reason=StockReason.OPENING, actor=actor)
    audit.record(
        "product.create",
        actor=actor,
        target=product,
        after={"sku": product.sku, "unit_price": product.unit_price, "bulk_price": product.bulk_price},
    )
    replace_barcodes(product, barcodes, actor=actor)
    gallery.follow_image_url(product)
    revision.advance_revision()
    idempotency.seal()
    return product


def hold_product(product_id: int, expected_version: int | None = None) -> HeldProducts:
    """Lock one product until the caller's transaction ends. NotFound; StaleVersion."""
    held = stock.hold_products([product_id])
    if product_id not in held:
        raise NotFound("There is no such product.")
    version = held[product_id].version
    if expected_version is not None and expected_version != version:
        raise StaleVersion("product", product_id, version)
    return held


@transaction.atomic
def change_product(
    product_id: int, changes: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None
) -> Product:
    """Change columns of a product other than its stock figures; the audit row says before → after.

    Without a bulk price there is no bulk quantity either. `barcodes`, if given, replace all that it has. Forbidden
    where a price is not the actor's to publish; Conflict for a taken SKU or barcode; StaleVersion; InvalidInput for
    half a bulk price or an unknown category.
    """
    return change_held(hold_product(product_id, expected_version), product_id, changes, actor=actor)


def change_held(
    held: HeldProducts,
    product_id: int,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    counted: Mapping[str, int | None] | None = None,
    note: str = "",
) -> Product:
    """What `change_product_and_count` does, to a product that the caller's transaction holds already."""
    raise_if(rules.why_not_publish(changes, actor))
    if counted:
        raise_if(rules.why_not_count(actor))
    product = held[product_id]
    changes = dict(changes)
    barcodes = changes.pop("barcodes", None)
    if "sku" in changes:
        changes["sku"] = changes["sku"].upper()
    if "bulk_price" in changes and changes["bulk_price"] is None:
        changes["bulk_quantity"] = None
    if "category_id" in changes:
        _check_category(changes["category_id"])
    check_bulk_price({name: changes.get(name, getattr(product, name)) for name in rules.PRICES})
    _apply(product, changes, actor=actor, taken="There is a product with this SKU already.")
    if "image_url" in changes:
        gallery.follow_image_url(product)
    if barcodes is not None:
        replace_barcodes(product, barcodes, actor=actor)
    if counted:
        quantity = counted["stock_quantity"]
        stock.count(held, product_id, quantity, reason=StockReason.CORRECTED, actor=actor, reference=note)
    return product


@transaction.atomic
def change_product_and_count(
    product_id: int,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    expected_version: int | None = None,
    counted: Mapping[str, int | None] | None = None,
    note: str = "",
) -> Product:
    """Change columns as `change_product` does and, where `counted` has a `stock_quantity`, the count in the ledger.

    `note` is kept with the ledger's row. StaleVersion when goods have moved since whoever counted saw the
    `expected_quantity` that `counted` names.
    """
    held = hold_product(product_id, expected_version)
    if (
        counted
        and counted.get("expected_quantity", held[product_id].stock_quantity) != held[product_id].stock_quantity
    ):
        raise StaleVersion("product", product_id, held[product_id].version)
    return change_held(held, product_id, changes, actor=actor, counted=counted, note=note)


@transaction.atomic
def delete_product(product_id: int, *, actor: Actor, expected_version: int | None = None) -> bool:
    """Delete a product that was never ordered or counted; take any other off sale. Whether it is gone.

    NotFound; StaleVersion.
    """
    product = change_product(product_id, {"is_active": False}, actor=actor, expected_version=expected_version)
    try:
        with transaction.atomic():
            product.delete()
    except ProtectedError:
        return False
    product.pk = product_id
    audit.record("product.delete", actor=actor, target=product, before={"sku": product.sku, "name": product.name})
    return True


def _check_category(category_id: int) -> None:
    if not Category.objects.filter(pk=category_id).exists():
        raise InvalidInput("There is no such category.", fields={"category_id": ["There is no such category."]})


def _apply(row: Category | Product, changes: Mapping[str, Any], *, actor: Actor, taken: str) -> None:
    """Write the columns that differ, with an audit row. Conflict saying `taken` when they are not unique."""
    before = {name: getattr(row, name) for name, value in changes.items() if getattr(row, name) != value}
    if not before:
        return
    for name in before:
        setattr(row, name, changes[name])
    stamps = []
    if isinstance(row, Product):
        row.version += 1
        stamps = ["version", "updated_at"]
    try:
        with transaction.atomic():
            row.save(update_fields=[*before, *stamps])
    except IntegrityError as error:
        raise Conflict(taken, code=ErrorCode.DUPLICATE) from error
    after = {name: changes[name] for name in before}
    audit.record(f"{row._meta.model_name}.change", actor=actor, target=row, before=before, after=after)
    revision.advance_revision()


def check_bulk_price(values: Mapping[str, Any]) -> None:
    """InvalidInput unless bulk price and quantity come together and the bulk price is not above the list price."""
    price: Decimal | None = values.get("bulk_price")
    quantity: int | None = values.get("bulk_quantity")
    if (price is None) != (quantity is None):
        name = "bulk_price" if price is None else "bulk_quantity"
        sentence = "Bulk price and bulk quantity come together."
        raise InvalidInput(sentence, fields={name: [sentence]})
    if price is not None and price > values["unit_price"]:
        sentence = "The bulk price is above the unit price."
        raise InvalidInput(sentence, fields={"bulk_price": [sentence]})
