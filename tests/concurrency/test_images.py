"""Galleries that many change at once, and pictures that are shown while they are swept."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from catalog import locks
from catalog.models import Image, Product, ProductImage
from catalog.selectors.images import place_of
from catalog.services import images
from lld.core.actors import SYSTEM
from lld.core.errors import DomainError
from lld.gateways import files
from tests.concurrency.storm import storm
from tests.factories import ProductFactory
from tests.pictures import picture, shown

pytestmark = pytest.mark.django_db(transaction=True)


def assert_in_step(product: Product) -> None:
    product.refresh_from_db()
    primary = ProductImage.objects.filter(product=product, is_primary=True).select_related("image")
    assert [place_of(row.image.name) for row in primary] == ([product.image_url] if product.image_url else [])


def test_set_primary_at_once_leaves_one_primary() -> None:
    product = ProductFactory()
    rows = shown(product, 5)

    results = storm(15, lambda index: images.set_primary(product.pk, rows[index % 5].pk, actor=SYSTEM))

    assert not [result for result in results if isinstance(result, Exception)]
    assert_in_step(product)
    assert product.image_url


def test_control_without_lock_the_database_stops_two_primaries(monkeypatch: pytest.MonkeyPatch) -> None:
    product = ProductFactory()
    rows = shown(product, 5)
    monkeypatch.setattr(locks, "lock_products", lambda ids: Product.objects.in_bulk(list(ids)))
    monkeypatch.setattr(locks, "lock_image", lambda name: Image.objects.filter(name=name).first())
    results: list[Any] = []

    for _ in range(40):
        results += storm(15, lambda index: images.set_primary(product.pk, rows[index % 5].pk, actor=SYSTEM))
        if any(isinstance(result, Exception) for result in results):
            break

    assert any(isinstance(result, Exception) for result in results)
    assert ProductImage.objects.filter(product=product, is_primary=True).count() <= 1


def test_same_picture_at_once_is_in_the_gallery_once() -> None:
    product = ProductFactory()
    content = picture()

    results = storm(10, lambda _: images.add_to_gallery(product.pk, images.store_upload(content), actor=SYSTEM)[2])

    assert Counter(results) == {True: 1, False: 9}
    assert (Image.objects.count(), ProductImage.objects.count()) == (1, 1)
    assert_in_step(product)


def test_full_gallery_takes_no_more_at_once() -> None:
    product = ProductFactory()
    shown(product, 17)
    stored = [images.store_upload(picture(100 + number)) for number in range(10)]

    results = storm(10, lambda index: images.add_to_gallery(product.pk, stored[index], actor=SYSTEM))

    refused = [result for result in results if isinstance(result, DomainError)]
    assert (len(refused), {error.status for error in refused}) == (7, {409})
    assert product.gallery.count() == 20


def test_gallery_changes_at_once_keep_step_with_the_product() -> None:
    product = ProductFactory()
    rows = shown(product, 6)
    stored = images.store_upload(picture(50))

    def act(index: int) -> Any:
        row = rows[index % 6]
        if index % 3 == 0:
            return images.remove_from_gallery(product.pk, row.pk, actor=SYSTEM)
        if index % 3 == 1:
            return images.set_primary(product.pk, row.pk, actor=SYSTEM)
        return images.set_image(product.pk, stored, actor=SYSTEM)

    results = storm(18, act)

    wrong = [result for result in results if isinstance(result, Exception) and not isinstance(result, DomainError)]
    assert wrong == []
    assert_in_step(product)


def test_picture_shown_while_swept_keeps_its_files() -> None:
    for round_number in range(10):
        content = picture(1000 + round_number)
        image = images.store_upload(content)
        Image.objects.filter(pk=image.pk).update(created_at=timezone.now() - timedelta(days=2))
        product = ProductFactory()

        def act(index: int, content: bytes = content, product: Product = product) -> Any:
            if index % 2:
                return images.sweep_images()
            return images.set_image(product.pk, images.store_upload(content), actor=SYSTEM)

        results = storm(4, act)

        assert not [result for result in results if isinstance(result, Exception)]
        assert_in_step(product)
        assert default_storage.exists(place_of(image.name))


def test_picture_linked_while_swept_is_gone_or_in_use() -> None:
    """The picture is stored already, and only linked: one of both finds it gone, or the other in use."""
    outcomes = Counter()

    for round_number in range(10):
        image = images.store_upload(picture(2000 + round_number))
        Image.objects.filter(pk=image.pk).update(created_at=timezone.now() - timedelta(days=2))
        product = ProductFactory()

        def act(index: int, image: Image = image, product: Product = product) -> Any:
            return images.sweep_images() if index else images.set_image(product.pk, image, actor=SYSTEM)

        linked, swept = storm(2, act)

        assert not isinstance(swept, Exception)
        assert not isinstance(linked, IntegrityError)
        assert swept == (1 if isinstance(linked, DomainError) else 0)
        assert files.read(place_of(image.name)) is None or not isinstance(linked, DomainError)
        outcomes[type(linked).__name__] += 1

    assert sum(outcomes.values()) == 10


def test_store_upload_holds_no_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    inside: list[bool] = []
    save = files.save

    def watched(name: str, content: bytes, kind: str) -> None:
        inside.append(connection.in_atomic_block)
        save(name, content, kind)

    monkeypatch.setattr(files, "save", watched)

    images.store_upload(picture(3000))
    assert inside == [False, False]

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone() == (0,)
