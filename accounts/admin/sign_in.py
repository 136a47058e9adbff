"""Signing in to the console, and the way back in: by the services that the API calls, with its limits."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.views.generic import FormView
from unfold.forms import AuthenticationForm
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from accounts import tries
from accounts.admin.limits import limited, told
from accounts.enums import Recovery
from accounts.services import recovery
from lld.core.actors import GUEST
from lld.core.client_address import client_address
from lld.core.errors import InvalidInput


class SignInForm(AuthenticationForm):  # type: ignore[misc]  # unfold has no types
    def clean(self) -> dict[str, Any]:
        with told(self):
            values: dict[str, Any] = super().clean()
        return values


class ForgottenForm(forms.Form):
    identifier = forms.CharField(
        label="Username or e-mail address", max_length=254, widget=UnfoldAdminTextInputWidget({"autofocus": ""})
    )


class NewPasswordForm(forms.Form):
    token = forms.CharField(max_length=200, widget=forms.HiddenInput)
    password = forms.CharField(
        label="New password",
        strip=False,
        max_length=200,
        widget=UnfoldAdminPasswordWidget({"autocomplete": "new-password", "autofocus": ""}),
    )


class WayIn(ABC, FormView):  # type: ignore[type-arg]  # not generic at run time
    """A page for people who are not signed in."""

    template_name = "console/way_in.html"
    title: ClassVar[str]
    explanation: ClassVar[str]
    button: ClassVar[str]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = limited(super().dispatch(request, *args, **kwargs))
        answer["Cache-Control"] = "no-store"
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = {"title": self.title, "explanation": self.explanation, "button": self.button}
        return {**admin.site.each_context(self.request), **super().get_context_data(**kwargs), **shown}

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            with told(form):
                done = self.carry_out(form.cleaned_data)
        except forms.ValidationError as refusal:
            form.add_error(None, refusal)
            return self.form_invalid(form)
        messages.success(self.request, done)
        return super().form_valid(form)

    def get_success_url(self) -> str:
        return reverse("admin:login")

    @abstractmethod
    def carry_out(self, values: dict[str, Any]) -> str:
        """Do it, and say what was done. ValidationError."""


class ForgottenPassword(WayIn):
    form_class = ForgottenForm
    title = "Forgotten your password?"
    explanation = "We mail you a link that sets a new one. Who has no address with us asks an administrator."
    button = "Mail the link"

    def carry_out(self, values: dict[str, Any]) -> str:
        tries.spend_recovery(Recovery.CONSOLE_PASSWORD, values["identifier"], client_address(self.request))
        recovery.request_recovery(Recovery.CONSOLE_PASSWORD, values["identifier"])
        return "If there is such an account, a mail is on its way."


class NewPassword(WayIn):
    form_class = NewPasswordForm
    title = "Set a new password"
    explanation = "It ends every session that the account has anywhere."
    button = "Set the password"

    def get_initial(self) -> dict[str, Any]:
        return {"token": self.request.GET.get("token", "")}

    def carry_out(self, values: dict[str, Any]) -> str:
        tries.spend_reset(client_address(self.request))
        try:
            recovery.reset_password(values["token"], values["password"], staff=True, actor=GUEST)
        except InvalidInput as error:
            complaints = [complaint for sentences in (error.fields or {}).values() for complaint in sentences]
            raise forms.ValidationError(complaints or [error.sentence]) from error
        return "Your password is changed. Sign in with the new one."


def ways_in() -> list[URLPattern]:
    return [
        # By this name the sign-in page looks for it.
        path("forgotten-password/", ForgottenPassword.as_view(), name="admin_password_reset"),
        path("new-password/", NewPassword.as_view(), name="new_password"),
    ]


_sign_in = admin.site.login


def sign_in(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    return limited(_sign_in(request, extra_context))


admin.site.login_form = SignInForm
admin.site.login = sign_in  # type: ignore[method-assign]  # the site has no setting for it
admin.site.extra_urls = ways_in  # type: ignore[attr-defined]  # unfold reads it, and its stubs do not know it
