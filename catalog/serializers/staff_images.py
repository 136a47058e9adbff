"""Shapes of products' pictures, as staff put and order them."""

from typing import Any

from rest_framework import serializers

from catalog.serializers.images import GalleryPicture
from catalog.serializers.products import LARGEST_ID
from catalog.serializers.staff import StaffProduct, StaffProductChanged
from catalog.services.gallery import MOST_PICTURES
from lld.core.api.fields import StrictIntegerField
from lld.core.api.schema import SuccessField


class PictureSet(StaffProductChanged):
    image_url = serializers.CharField()


class Gallery(serializers.Serializer[Any]):
    images = GalleryPicture(many=True, help_text="In their order.")


class PictureAdded(serializers.Serializer[Any]):
    success = SuccessField()
    image = GalleryPicture()
    product = StaffProduct()


class PictureStored(serializers.Serializer[Any]):
    success = SuccessField()
    image_url = serializers.CharField(help_text="For a product's `image_url`; forgotten after a day without one.")
    thumbnail_url = serializers.CharField()


class Reorder(serializers.Serializer[Any]):
    order = serializers.ListField(
        child=StrictIntegerField(min_value=1, max_value=LARGEST_ID),
        max_length=MOST_PICTURES,
        help_text="The ids of all pictures of the gallery.",
    )
