"""Routes of the catalogue: what everyone sees, the assistant, what keys and staff change, pictures."""

from tests.api.callers import CATALOG_READ, CATALOG_WRITE, COUNTING, EVERYONE, MANAGING, STAFF
from tests.api.route import COSTED, NO_ROWS, SHARED, Call, Count, Documented, Route
from tests.api.world import World
from tests.factories import CategoryFactory, ProductFactory
from tests.pictures import picture, upload

PRODUCT = {
    "name": "Ladle 8 oz",
    "description": "Sturdy",
    "sku": "LD-8",
    "unit_price": 12.5,
    "bulk_price": 11.0,
    "bulk_quantity": 12,
    "unit_size": "each",
    "brand": "Winco",
    "in_stock": True,
    "image_url": "https://img.test/1.jpg",
}
SHIPPED = {
    "stock_quantity": 40,
    "cost_per_item": 6.0,
    "ship_weight_oz": 9.5,
    "ship_box_name": "Small",
    "ship_box_length": 10,
    "ship_box_width": 8.25,
    "ship_box_height": 4,
    "is_customizable": False,
}


def found_products(world: World, **more: str) -> Call:
    filters = {"category_id": world.product.category_id, "search": "sheet", **more}
    return Call(query={"page": 1, "per_page": 10, **filters})


def new_product(_: World) -> Call:
    goods = {name: value for name, value in PRODUCT.items() if name != "in_stock"}
    return Call(body={**goods, "category_id": CategoryFactory().pk})


def new_staff_product(_: World) -> Call:
    return Call(body={**PRODUCT, **SHIPPED, "sku": "LD-9", "category_id": CategoryFactory().pk})


def changed_product(world: World) -> Call:
    return Call(world.product.pk, body={**PRODUCT, **SHIPPED, "category_id": CategoryFactory().pk})


def rows_of_staff(_: World) -> Call:
    row = {"id": ProductFactory().pk, **PRODUCT, **SHIPPED, "category_id": CategoryFactory().pk}
    stale = {"id": ProductFactory().pk, "version": 9}
    return Call(body={"products": [row, stale, {"id": 1, "unit_price": -1}, "nothing"]})


def rows_of_keys(_: World) -> Call:
    words = {"name": "Ladle", "description": "Sturdy", "brand": "Winco", "unit_size": "each", "in_stock": False}
    prices = {"unit_price": 12.5, "bulk_price": 11.0, "bulk_quantity": 6, "image_url": "https://img.test/1.jpg"}
    by_id, by_sku, same = ({"id": ProductFactory().pk}, {"sku": ProductFactory().sku}, {"id": ProductFactory().pk})
    return Call(body={"products": [{**by_id, **words}, {**by_sku, **prices}, same, {"sku": "NONE"}, {"id": 0}]})


def turn(world: World) -> Call:
    turns = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hello."}]
    body = {"message": "Which sheet pan?", "language": "en", "history": turns}
    return Call(body=body, given=world.product)


def inventory(world: World, **more: str) -> Call:
    return Call(query={"search": "sheet", "category": world.product.category.name, "in_stock": "1", **more})


def with_picture(world: World) -> Call:
    """There are pictures already."""
    return Call(world.product.pk, body={"image": upload(picture(8))}, given=world.pictures)


PUBLIC = (
    Route("GET", "api/categories", EVERYONE, lambda world: Call(given=world.category), counts=(Count(1),)),
    Route(
        "GET",
        "api/products",
        EVERYONE,
        lambda world: found_products(world, category=world.product.category.name),
        counts=(
            Count(3),
            Count(4, lambda world: Call(query={"search": "sheet pan", "category_id": world.product.category_id})),
            # Nothing holds both words: nearest spellings are looked for, then any of the words.
            Count(7, lambda _: Call(query={"search": "sheet tortilla"})),
        ),
    ),
    Route(
        "GET",
        "api/products/suggest",
        EVERYONE,
        lambda world: Call(query={"q": "pan"}, given=world.product),
        counts=(Count(5, lambda _: Call(query={"q": "she"})),),
    ),
    Route(
        "GET",
        "api/products/sales-catalog",
        EVERYONE,
        lambda world: Call(given=world.product),
        counts=(Count(2),),
    ),
    Route(
        "GET",
        "api/products/<int:product_id>",
        EVERYONE,
        lambda world: Call(world.product.pk),
        counts=(Count(2),),
        whose=SHARED,
    ),
    Route(
        "GET",
        "api/products/sku/<path:sku>",
        EVERYONE,
        lambda world: Call(world.product.sku.lower()),
        counts=(Count(2), Count(2, lambda world: Call(world.product.sku))),
        whose=SHARED,
    ),
    Route("POST", "api/admin/categories", MANAGING, lambda _: Call(body={"name": "Ladles", "description": "All"})),
    Route("POST", "api/admin/products", MANAGING, new_product),
)

ASSISTANT = (
    Route(
        "POST",
        "api/search/ai",
        EVERYONE,
        lambda world: Call(body={"query": "a sheet pan for buns", "language": "es"}, given=world.product),
    ),
    Route("POST", "api/chat", EVERYONE, turn),
    Route("POST", "api/chat/session", EVERYONE, lambda _: Call()),
)

KEYS = (
    Route("GET", "api/v1/categories", CATALOG_READ, lambda world: Call(given=world.category), counts=(Count(2),)),
    Route(
        "GET",
        "api/v1/products",
        CATALOG_READ,
        lambda world: found_products(world, in_stock="yes"),
        counts=(Count(4), Count(5, lambda _: Call(query={"search": "sheet pan", "in_stock": "1"}))),
    ),
    Route(
        "GET",
        "api/v1/products/<path:identifier>",
        CATALOG_READ,
        lambda world: Call(world.product.sku),
        counts=(Count(3), Count(4, lambda world: Call(world.product.pk))),
    ),
    Route(
        "PUT",
        "api/v1/products/<path:identifier>",
        CATALOG_WRITE,
        lambda world: Call(world.product.sku, body={**PRODUCT, "category_id": CategoryFactory().pk}),
    ),
    Route(
        "PATCH",
        "api/v1/products/<path:identifier>/inventory",
        CATALOG_WRITE,
        lambda world: Call(world.product.pk, body={"in_stock": False}),
    ),
    Route(
        "PATCH",
        "api/v1/products/<path:identifier>/price",
        CATALOG_WRITE,
        lambda world: Call(world.product.sku, body={"unit_price": 12.5, "bulk_price": 11.0, "bulk_quantity": 6}),
    ),
    Route(
        "POST",
        "api/v1/products/<path:identifier>/image",
        CATALOG_WRITE,
        lambda world: Call(world.product.sku, body={"image": upload()}),
    ),
    Route("POST", "api/v1/products/bulk-update", CATALOG_WRITE, rows_of_keys),
)

STAFFS = (
    Route("GET", "api/staff/categories", STAFF, lambda world: Call(given=world.category), counts=(Count(2),)),
    Route(
        "POST",
        "api/staff/categories",
        MANAGING,
        lambda _: Call(body={"name": "Tongs", "description": "All"}),
        # The contract has two doors for this, one of them for managers: they answer alike.
        documented=(Documented(lambda _: Call(body={"name": "Tongs", "description": "All"}), by="manager"),),
    ),
    Route(
        "PUT",
        "api/staff/categories/<int:category_id>",
        MANAGING,
        lambda world: Call(world.category.pk, body={"name": "Tongs and ladles", "description": "All"}),
    ),
    Route(
        "GET",
        "api/staff/products",
        STAFF,
        found_products,
        counts=(
            Count(4),
            Count(5, lambda world: Call(query={"search": "sheet", "category_id": world.product.category_id})),
        ),
        shows=COSTED,
    ),
    Route("POST", "api/staff/products", MANAGING, new_staff_product),
    Route("POST", "api/staff/products/bulk-save", MANAGING, rows_of_staff),
    Route("PUT", "api/staff/products/<int:product_id>", MANAGING, changed_product),
    Route("DELETE", "api/staff/products/<int:product_id>", MANAGING, lambda world: Call(world.product.pk)),
    Route(
        "GET",
        "api/staff/inventory",
        STAFF,
        lambda world: inventory(world, page="1", per_page="10"),
        counts=(Count(4), Count(5, lambda world: inventory(world, category=world.product.category_id))),
    ),
    Route(
        "PUT",
        "api/staff/inventory/<int:product_id>",
        COUNTING,
        lambda world: Call(world.product.pk, body={"in_stock": True, "stock_quantity": 40}),
        # Prices are not for everyone who counts.
        documented=(
            Documented(
                lambda world: Call(
                    world.product.pk,
                    body={"in_stock": True, "stock_quantity": 40, "unit_price": 12.5, "bulk_price": 11.0},
                ),
                by="manager",
            ),
        ),
    ),
)

PICTURES = (
    Route(
        "GET",
        "api/products/<int:product_id>/thumbnail",
        EVERYONE,
        lambda world: Call(world.product.pk, given=world.pictures),
        counts=(Count(1),),
        whose=SHARED,
    ),
    Route(
        "GET",
        "media/images/<str:name>.jpg",
        EVERYONE,
        lambda world: Call(world.pictures[0].image.name),
        counts=NO_ROWS,
        whose=SHARED,
    ),
    Route(
        "GET",
        "media/thumbnails/<str:name>.jpg",
        EVERYONE,
        lambda world: Call(world.pictures[0].image.name),
        counts=NO_ROWS,
        whose=SHARED,
    ),
    Route("POST", "api/staff/products/upload-image", STAFF, lambda _: Call(body={"image": upload()})),
    Route("POST", "api/staff/products/<int:product_id>/image", STAFF, with_picture, whose=SHARED, shows=COSTED),
    Route(
        "DELETE",
        "api/staff/products/<int:product_id>/image",
        STAFF,
        lambda world: Call(world.product.pk, given=world.pictures),
        whose=SHARED,
        shows=COSTED,
    ),
    Route(
        "GET",
        "api/staff/products/<int:product_id>/images",
        STAFF,
        lambda world: Call(world.product.pk, given=world.pictures),
        counts=(Count(3),),
        whose=SHARED,
    ),
    Route("POST", "api/staff/products/<int:product_id>/images", STAFF, with_picture, whose=SHARED, shows=COSTED),
    Route(
        "POST",
        "api/staff/products/<int:product_id>/images/reorder",
        STAFF,
        lambda world: Call(world.product.pk, body={"order": [row.pk for row in reversed(world.pictures)]}),
        whose=SHARED,
        shows=COSTED,
    ),
    Route(
        "DELETE",
        "api/staff/products/<int:product_id>/images/<int:image_id>",
        STAFF,
        lambda world: Call(world.product.pk, world.pictures[-1].pk),
        whose=SHARED,
        shows=COSTED,
    ),
    Route(
        "POST",
        "api/staff/products/<int:product_id>/images/<int:image_id>/set-primary",
        STAFF,
        lambda world: Call(world.product.pk, world.pictures[-1].pk),
        whose=SHARED,
        shows=COSTED,
    ),
)

ROUTES = (*PUBLIC, *ASSISTANT, *KEYS, *STAFFS, *PICTURES)
