"""How to call each built row of the contract: categories, products, their pictures, search and chat."""

from sandbox.testing import SandboxClient
from tests.contract.registry import Case, case
from tests.factories import CategoryFactory, ProductFactory
from tests.pictures import shown, upload

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


@case("POST /api/admin/products")
def _(sandbox: SandboxClient) -> Case:
    prices = {"unit_price": 12.5, "bulk_price": 11.0, "bulk_quantity": 12}
    words = {"description": "Sturdy", "unit_size": "each", "brand": "Winco", "image_url": "https://img.test/1.jpg"}
    return Case(body={"name": "Ladle 8 oz", "category_id": CategoryFactory().pk, "sku": "LD-8", **prices, **words})


@case("POST /api/admin/categories")
def _(sandbox: SandboxClient) -> Case:
    return Case(body={"name": "Ladles", "description": "Of every size"})


@case("GET /api/categories")
def _(sandbox: SandboxClient) -> Case:
    CategoryFactory()
    return Case()


@case("GET /api/products")
def _(sandbox: SandboxClient) -> Case:
    product = ProductFactory()
    filters = {"category_id": product.category_id, "search": "sheet", "category": product.category.name}
    return Case(query={"page": 1, "per_page": 10, **filters})


@case("GET /api/products/sales-catalog")
def sales_catalog(sandbox: SandboxClient) -> Case:
    ProductFactory()
    return Case()


@case("GET /api/products/<int:product_id>")
def _(sandbox: SandboxClient) -> Case:
    return Case({"product_id": ProductFactory().pk})


@case("GET /api/products/sku/<string:sku>")
def _(sandbox: SandboxClient) -> Case:
    return Case({"sku": ProductFactory().sku.lower()})


@case("GET /api/v1/categories")
@case("GET /api/staff/categories")
def _(sandbox: SandboxClient) -> Case:
    CategoryFactory()
    return Case()


@case("POST /api/staff/categories")
def _(sandbox: SandboxClient) -> Case:
    return Case(body={"name": "Tongs", "description": "Of every size"})


@case("POST /api/search/ai")
def search_in_words(sandbox: SandboxClient) -> Case:
    ProductFactory(name="Ladle 8 oz")
    return Case(body={"query": "a ladle for soup", "language": "es"})


@case("POST /api/chat")
def chat(sandbox: SandboxClient) -> Case:
    ProductFactory(name="Ladle 8 oz")
    turns = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hello."}]
    return Case(body={"message": "Which ladle?", "language": "en", "history": turns})


@case("POST /api/chat/session")
def chat_session(sandbox: SandboxClient) -> Case:
    return Case()


@case("GET /api/v1/products")
def _(sandbox: SandboxClient) -> Case:
    product = ProductFactory()
    filters = {"category_id": product.category_id, "search": "sheet", "in_stock": "yes"}
    return Case(query={"page": 1, "per_page": 10, **filters})


@case("GET /api/v1/products/<identifier>")
def _(sandbox: SandboxClient) -> Case:
    return Case({"identifier": ProductFactory().sku})


@case("PATCH /api/v1/products/<identifier>/inventory")
def _(sandbox: SandboxClient) -> Case:
    return Case({"identifier": ProductFactory().pk}, {"in_stock": False})


@case("PATCH /api/v1/products/<identifier>/price")
def _(sandbox: SandboxClient) -> Case:
    return Case({"identifier": ProductFactory().sku}, {"unit_price": 12.5, "bulk_price": 11.0, "bulk_quantity": 6})


@case("PUT /api/v1/products/<identifier>")
def _(sandbox: SandboxClient) -> Case:
    return Case({"identifier": ProductFactory().sku}, {**PRODUCT, "category_id": CategoryFactory().pk})


@case("POST /api/v1/products/bulk-update")
def _(sandbox: SandboxClient) -> Case:
    words = {"name": "Ladle", "description": "Sturdy", "brand": "Winco", "unit_size": "each", "in_stock": False}
    prices = {"unit_price": 12.5, "bulk_price": 11.0, "bulk_quantity": 6, "image_url": "https://img.test/1.jpg"}
    by_id, by_sku, same = ({"id": ProductFactory().pk}, {"sku": ProductFactory().sku}, {"id": ProductFactory().pk})
    return Case(body={"products": [{**by_id, **words}, {**by_sku, **prices}, same, {"sku": "NONE"}, {"id": 0}]})


@case("GET /api/staff/products")
def _(sandbox: SandboxClient) -> Case:
    product = ProductFactory()
    return Case(query={"page": 1, "per_page": 10, "category_id": product.category_id, "search": "sheet"})


@case("POST /api/staff/products")
def _(sandbox: SandboxClient) -> Case:
    return Case(body={**PRODUCT, **SHIPPED, "category_id": CategoryFactory().pk})


@case("PUT /api/staff/products/<int:product_id>")
def _(sandbox: SandboxClient) -> Case:
    return Case({"product_id": ProductFactory().pk}, {**PRODUCT, **SHIPPED, "category_id": CategoryFactory().pk})


@case("POST /api/staff/products/bulk-save")
def _(sandbox: SandboxClient) -> Case:
    row = {"id": ProductFactory().pk, **PRODUCT, **SHIPPED, "category_id": CategoryFactory().pk}
    stale = {"id": ProductFactory().pk, "version": 9}
    return Case(body={"products": [row, stale, {"id": 1, "unit_price": -1}, "nothing"]})


@case("DELETE /api/staff/products/<int:product_id>")
def _(sandbox: SandboxClient) -> Case:
    return Case({"product_id": ProductFactory().pk})


@case("GET /api/staff/inventory")
def _(sandbox: SandboxClient) -> Case:
    product = ProductFactory()
    filters = {"category": product.category.name, "search": "sheet", "in_stock": "1"}
    return Case(query={"page": 1, "per_page": 10, **filters})


@case("PUT /api/staff/inventory/<int:product_id>")
def _(sandbox: SandboxClient) -> Case:
    prices = {"unit_price": 12.5, "bulk_price": 11.0}
    return Case({"product_id": ProductFactory().pk}, {"in_stock": True, "stock_quantity": 40, **prices})


@case("GET /api/products/<int:product_id>/thumbnail")
@case("DELETE /api/staff/products/<int:product_id>/image")
@case("GET /api/staff/products/<int:product_id>/images")
def _(sandbox: SandboxClient) -> Case:
    return Case({"product_id": shown(ProductFactory())[0].product_id})


@case("POST /api/staff/products/<int:product_id>/image")
@case("POST /api/staff/products/<int:product_id>/images")
def _(sandbox: SandboxClient) -> Case:
    return Case({"product_id": ProductFactory().pk}, {"image": upload()})


@case("POST /api/staff/products/upload-image")
def _(sandbox: SandboxClient) -> Case:
    return Case(body={"image": upload()})


@case("POST /api/v1/products/<identifier>/image")
def _(sandbox: SandboxClient) -> Case:
    return Case({"identifier": ProductFactory().sku}, {"image": upload()})


@case("DELETE /api/staff/products/<int:product_id>/images/<int:image_id>")
@case("POST /api/staff/products/<int:product_id>/images/<int:image_id>/set-primary")
def _(sandbox: SandboxClient) -> Case:
    _, row = shown(ProductFactory(), 2)
    return Case({"product_id": row.product_id, "image_id": row.pk})


@case("POST /api/staff/products/<int:product_id>/images/reorder")
def _(sandbox: SandboxClient) -> Case:
    rows = shown(ProductFactory(), 3)
    return Case({"product_id": rows[0].product_id}, {"order": [row.pk for row in reversed(rows)]})
