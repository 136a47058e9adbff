"""One's own password, by the service that the API calls."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.admin.forms import OwnPasswordForm
from accounts.admin.limits import limited


def change_own_password(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    view = PasswordChangeView.as_view(
        form_class=OwnPasswordForm,
        success_url=reverse("admin:password_change_done"),
        extra_context={**admin.site.each_context(request), **(extra_context or {})},
    )
    return limited(view(request))


admin.site.password_change = change_own_password  # type: ignore[method-assign,assignment]  # the site has no setting for it
