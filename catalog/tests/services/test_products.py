"""What the services of products refuse, whoever asks them."""

from decimal import Decimal

import pytest

from catalog.services import products
from lld.core.actors import SYSTEM
from lld.core.errors import InvalidInput, NotFound
from lld.core.models import AuditEntry
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db


def test_changes_refuse_invalid_prices_and_unknown_ids() -> None:
    product = ProductFactory()

    with pytest.raises(InvalidInput):
        products.change_product(product.pk, {"unit_price": Decimal("7.00")}, actor=SYSTEM)

    with pytest.raises(NotFound):
        products.change_product(product.pk + 1, {"name": "x"}, actor=SYSTEM)

    with pytest.raises(NotFound):
        products.change_category(product.category_id + 1, {"name": "x"}, actor=SYSTEM)
    assert not AuditEntry.objects.exists()
