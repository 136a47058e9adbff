"""Changes of several products at once never wait for each other in a circle, though all count as revisions."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError

from catalog.models import Barcode
from catalog.selectors.products import revision as revised
from catalog.services import images, products, revision
from lld.core.actors import SYSTEM
from lld.core.errors import Conflict
from tests.concurrency.storm import storm
from tests.factories import ProductFactory
from tests.pictures import picture

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 15
CODES = [{"code": "012345678905", "unit": "each"}]


def one_picture_on_two_products() -> list[Any]:
    """One product takes it as its own, the other into its gallery."""
    stored, results = images.store_upload(picture(1)), []
    for _ in range(ROUNDS):
        shown, other = ProductFactory(), ProductFactory(image_url="https://img.test/a.jpg")
        acts: tuple[Callable[[], Any], ...] = (
            lambda product=shown: images.set_image(product.pk, stored, actor=SYSTEM),
            lambda product=other: images.add_to_gallery(product.pk, stored, actor=SYSTEM),
        )
        results += storm(2, lambda index, acts=acts: acts[index]())
    return results


def one_barcode_for_two_products() -> list[Any]:
    """One product is renamed with it."""
    results = []
    for number in range(ROUNDS):
        Barcode.objects.all().delete()
        pair = (ProductFactory(), ProductFactory())
        changes = ({"name": f"Pan of round {number}", "barcodes": CODES}, {"barcodes": CODES})
        results += storm(
            2, lambda i, pair=pair, changes=changes: products.change_product(pair[i].pk, changes[i], actor=SYSTEM)
        )
    return results


@pytest.mark.parametrize("change", [one_picture_on_two_products, one_barcode_for_two_products])
def test_changes_of_two_products_at_once_do_not_deadlock(change: Callable[[], list[Any]]) -> None:
    before = revised().number

    results = change()

    refused = [result for result in results if isinstance(result, Exception)]
    assert all(isinstance(error, Conflict) and error.code == "duplicate" for error in refused), refused
    assert len(refused) == (ROUNDS if change is one_barcode_for_two_products else 0)
    assert revised().number >= before + len(results) - len(refused)


@pytest.mark.parametrize("change", [one_picture_on_two_products, one_barcode_for_two_products])
def test_control_counting_within_the_transaction_deadlocks(
    change: Callable[[], list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revision, "advance_revision", revision._count)
    # Rounds go on until two have met; on a busy machine the first fifteen may not.
    results = (result for _ in range(10) for result in change())
    assert any(isinstance(result, OperationalError) for result in results)
