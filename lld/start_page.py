"""The page at `/`: where everything is."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def start_page(request: HttpRequest) -> HttpResponse:
    """Links to the console, the API's documentation and the health check."""
    return render(request, "start_page.html", {"version": settings.VERSION})
