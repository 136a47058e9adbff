"""The page at `/`: where everything is, and in local mode how to sign in."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from demo.logins import DEMO_LOGINS, DEMO_PASSWORD
from lld.settings.environment import read_environment


@require_safe
def start_page(request: HttpRequest) -> HttpResponse:
    """Links to the console, the API's documentation, the health check and the sandbox."""
    simulated = read_environment().stripe_api_base
    context = {
        "local": settings.LOCAL_MODE,
        "version": settings.VERSION,
        "sandbox": str(simulated) if settings.LOCAL_MODE and simulated else "",
        "password": DEMO_PASSWORD,
        "logins": DEMO_LOGINS if settings.LOCAL_MODE else (),
    }
    return render(request, "start_page.html", context)
