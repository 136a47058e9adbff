from django.urls import path

from lld.core.health import Health

urlpatterns = [
    path("v1/health", Health.as_view()),
]
