"""Forms of the buttons on people."""

from typing import Any

from django import forms
from unfold.forms import AdminOwnPasswordChangeForm
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from accounts import selectors, tries
from accounts.admin.limits import told
from accounts.enums import PaymentTerms
from accounts.models import (
    CustomerProfile,
    User,
)
from accounts.services import credentials, staff
from lld.core.access import Role
from lld.core.console import DialogForm
from lld.core.errors import InvalidInput


def check_password(form: forms.BaseForm, name: str, user: User) -> None:
    """Complain in the form as the service would."""
    try:
        credentials.check_password(form.cleaned_data.get(name, ""), user=user)
    except InvalidInput as error:
        form.add_error(name, list((error.fields or {})["password"]))


class StaffForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A new member of staff."""

    username = forms.CharField(max_length=150, widget=UnfoldAdminTextInputWidget)
    role = forms.ChoiceField(choices=[("", "Select value"), *Role.choices], widget=UnfoldAdminSelectWidget)
    new_password = forms.CharField(
        label="Password",
        strip=False,
        max_length=200,
        widget=UnfoldAdminPasswordWidget({"autocomplete": "new-password"}),
    )

    class Meta:
        model = User
        fields = ("username", "email", "first_name", "last_name", "role")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        names = {name: values.get(name, "") for name in ("username", "email", "first_name", "last_name")}
        check_password(self, "new_password", User(role=values.get("role") or Role.STAFF, **names))
        return values


class AccessForm(DialogForm):
    role = forms.ChoiceField(choices=Role.choices, widget=UnfoldAdminSelectWidget)
    is_active = forms.BooleanField(label="May sign in", required=False, widget=UnfoldBooleanSwitchWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial |= selectors.staff_members().filter(pk=self.object_id).values("role", "is_active").first() or {}


class PasswordForm(DialogForm):
    new_password = forms.CharField(
        label="New password",
        strip=False,
        max_length=200,
        widget=UnfoldAdminPasswordWidget({"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        check_password(self, "new_password", selectors.staff_members().get(pk=self.object_id))
        return values


class TermsForm(DialogForm):
    approved_for_terms = forms.BooleanField(required=False, widget=UnfoldBooleanSwitchWidget)
    payment_terms = forms.ChoiceField(choices=PaymentTerms.choices, widget=UnfoldAdminSelectWidget)
    credit_limit = forms.DecimalField(
        min_value=0, max_digits=12, decimal_places=2, widget=UnfoldAdminDecimalFieldWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = ("approved_for_terms", "payment_terms", "credit_limit")
        self.initial |= CustomerProfile.objects.filter(pk=self.object_id).values(*names).first() or {}


class OwnPasswordForm(AdminOwnPasswordChangeForm):  # type: ignore[misc]  # unfold has no types
    """One's own password, by the service that also ends one's other sessions and tokens."""

    def clean_old_password(self) -> str:
        with told(self), tries.changing_password(self.user.pk):
            return str(super().clean_old_password())

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if "new_password1" in values:
            check_password(self, "new_password1", self.user)
        return values

    def save(self, commit: bool = True) -> User:
        password = self.cleaned_data["new_password1"]
        user = staff.replace_own_password(self.user.pk, password, actor=self.user.as_actor())
        # The view renews this session with what the account says now.
        self.user.refresh_from_db()
        return user
