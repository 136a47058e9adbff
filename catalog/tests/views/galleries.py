"""How staff put pictures into a product's gallery, and see them."""

import base64
from typing import Any

from catalog.models import Product
from lld.core.access import Role
from tests.factories import as_staff
from tests.pictures import upload

MEDIA = "http://testserver/media/"


def send(product: Product, path: str, content: bytes | None = None, role: Role = Role.WAREHOUSE, **extra: Any) -> Any:
    body = {"image": upload(content)}
    return as_staff(role).post(f"/api/staff/products/{product.pk}/{path}", body, format="multipart", **extra)


def act(product: Product, path: str, body: Any = None, method: str = "post", **extra: Any) -> Any:
    return getattr(as_staff(Role.WAREHOUSE), method)(f"/api/staff/products/{product.pk}/{path}", body, **extra)


def gallery(product: Product) -> list[dict[str, Any]]:
    return as_staff(Role.SALES_REP).get(f"/api/staff/products/{product.pk}/images").json()["images"]


def data_url(content: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
