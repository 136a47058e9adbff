"""What nobody shows is forgotten, though the store may fail."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Image, Product, ProductImage
from catalog.selectors.images import place_of, thumbnail_place_of
from catalog.services import images, products
from catalog.tasks import sweep_images
from lld.core.actors import SYSTEM
from lld.core.errors import GatewayError, InvalidInput
from lld.gateways import files
from tests.factories import ProductFactory
from tests.pictures import picture, shown

pytestmark = pytest.mark.django_db


def old(image: Image) -> Image:
    Image.objects.filter(pk=image.pk).update(created_at=timezone.now() - timedelta(hours=25))
    return image


def has_files(name: str) -> list[bool]:
    return [files.read(place) is not None for place in (place_of(name), thumbnail_place_of(name))]


def test_sweep_images_deletes_unshown_pictures_after_a_day() -> None:
    product = ProductFactory()
    (row,) = shown(product)
    old(row.image)
    named = old(images.store_upload(picture(2)))
    Product.objects.filter(pk=ProductFactory().pk).update(image_url=place_of(named.name))
    young, unseen = images.store_upload(picture(3)), old(images.store_upload(picture(4)))

    sweep_images()

    assert set(Image.objects.values_list("name", flat=True)) == {row.image.name, named.name, young.name}
    assert has_files(unseen.name) == [False, False]
    assert has_files(row.image.name) == has_files(named.name) == has_files(young.name) == [True, True]


def test_store_upload_again_keeps_a_picture_another_day() -> None:
    image = old(images.store_upload(picture()))
    assert images.store_upload(picture()).pk == image.pk
    assert images.sweep_images() == 0


def test_sweep_images_deletes_a_removed_picture() -> None:
    product = ProductFactory()
    (row,) = shown(product)
    old(row.image)

    images.remove_image(product.pk, actor=SYSTEM)
    assert images.sweep_images() == 1

    with pytest.raises(InvalidInput):
        products.change_product(product.pk, {"image_url": place_of(row.image.name)}, actor=SYSTEM)
    assert not ProductImage.objects.exists()


def test_sweep_images_tries_a_failed_delete_again(monkeypatch: pytest.MonkeyPatch) -> None:
    image = old(images.store_upload(picture()))

    def fail(name: str) -> None:
        raise GatewayError("The file store", "It is down.")

    with monkeypatch.context() as patch:
        patch.setattr(files, "delete", fail)
        assert images.sweep_images() == 0

    old(Image.objects.get(name=image.name))
    assert images.sweep_images() == 1
    assert has_files(image.name) == [False, False]
