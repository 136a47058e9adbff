"""Every address of the product."""

from django.apps import apps
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from lld.start_page import start_page

urlpatterns = [
    path("", start_page),
    path("admin/", admin.site.urls),
    path("media/", include("catalog.media_urls")),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", SpectacularSwaggerView.as_view(url_name="schema")),
    path("api/", include("lld.core.urls")),
    path("api/", include("accounts.urls")),
    path("api/", include("catalog.urls")),
    path("api/", include("orders.urls")),
    path("api/", include("shipping.urls")),
    path("api/", include("staffportal.urls")),
]

# Local mode's start page comes before ours.
if apps.is_installed("demo"):
    urlpatterns.insert(0, path("", include("demo.urls")))

handler400 = "lld.core.api.refused_pages.bad_request"
handler403 = "lld.core.api.refused_pages.permission_denied"
handler404 = "lld.core.api.refused_pages.not_found"
handler500 = "lld.core.api.exceptions.server_error"
