"""The page at `/` in local mode: where everything is, and how to sign in."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from demo.logins import DEMO_LOGINS, DEMO_PASSWORD
from lld.settings.environment import read_environment


@require_safe
def start_page(request: HttpRequest) -> HttpResponse:
    """What production's page has, and the sandbox and the demo logins."""
    simulated = read_environment().stripe_api_base
    context = {
        "version": settings.VERSION,
        "sandbox": str(simulated) if simulated else "",
        "password": DEMO_PASSWORD,
        "logins": DEMO_LOGINS,
    }
    return render(request, "demo/start_page.html", context)
