"""Pictures by name, where no bucket with an address of its own has them (MEDIA_URL)."""

from django.urls import path

from catalog.views.images import MediaImage, MediaThumbnail

urlpatterns = [
    path("images/<str:name>.jpg", MediaImage.as_view()),
    path("thumbnails/<str:name>.jpg", MediaThumbnail.as_view()),
]
