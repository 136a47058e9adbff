"""People and keys in the console. Pages show; buttons call services."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.views import PasswordChangeView
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.forms import AdminOwnPasswordChangeForm, BaseDialogForm
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from accounts import selectors
from accounts.enums import PaymentTerms
from accounts.models import (
    AccountToken,
    ApiKey,
    CustomerProfile,
    DoNotCall,
    PhoneCode,
    PhoneSession,
    RevokedStaffToken,
    SmsConsent,
    SmsDelivery,
    StaffProfile,
    User,
)
from accounts.services import credentials, keys, staff, terms
from lld.core.access import MANAGING, Role
from lld.core.console import ConsoleAdmin, ReadOnlyAdmin, ReadOnlyInline, actor_of, badge, dialog, link, moment
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


class AccessForm(BaseDialogForm):  # type: ignore[misc]  # unfold has no types
    role = forms.ChoiceField(choices=Role.choices, widget=UnfoldAdminSelectWidget)
    is_active = forms.BooleanField(label="May sign in", required=False, widget=UnfoldBooleanSwitchWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial |= selectors.staff_members().filter(pk=self.object_id).values("role", "is_active").first() or {}


class PasswordForm(BaseDialogForm):  # type: ignore[misc]  # unfold has no types
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


class TermsForm(BaseDialogForm):  # type: ignore[misc]  # unfold has no types
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


def change_own_password(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    view = PasswordChangeView.as_view(
        form_class=OwnPasswordForm,
        success_url=reverse("admin:password_change_done"),
        extra_context={**admin.site.each_context(request), **(extra_context or {})},
    )
    answer: HttpResponse = view(request)  # type: ignore[assignment]  # the stubs say HttpResponseBase
    return answer


admin.site.password_change = change_own_password  # type: ignore[method-assign,assignment]  # the site has no setting for it


class KindFilter(admin.SimpleListFilter):
    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("customers", "Customers"), ("staff", "Staff")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() == "customers":
            return queryset.filter(role="")
        return queryset.exclude(role="") if self.value() == "staff" else queryset


class CustomerProfileInline(ReadOnlyInline):
    model = CustomerProfile
    fields = (
        "company_name",
        "business_type",
        "state_of_operation",
        "shipping_address",
        "approved_for_terms",
        "payment_terms",
        "credit_limit",
    )


class StaffProfileInline(ReadOnlyInline):
    model = StaffProfile
    fields = ("commission_rate",)


@admin.register(User)
class UserAdmin(ConsoleAdmin):
    """Adding makes a member of staff: customers make themselves."""

    form = StaffForm
    list_display = ("label", "full_name", "company", "phone", "kind_label", "active_label", "since")
    list_filter = (KindFilter, "role", "is_active", "email_verified")
    list_select_related = ("profile",)
    search_fields = ("email", "last_name", "username", "profile__company_name")
    search_help_text = "E-mail, name, company or phone."
    phone_column = "phone"
    sortable_by = ()
    ordering = ("-created_at",)
    actions_detail = ("change_access", "set_password", "set_terms")
    add_fieldsets = (
        (None, {"fields": (("username", "email"), ("first_name", "last_name"), ("role", "new_password"))}),
    )
    fieldsets = (
        (None, {"fields": (("username", "email", "phone"), ("first_name", "last_name"), "orders")}),
        (
            "Account",
            {
                "fields": (
                    ("role", "auth_provider"),
                    ("is_active", "deleted_at"),
                    ("email_verified", "phone_verified"),
                    "created_at",
                )
            },
        ),
        ("History", {"fields": ("history",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        everyone: QuerySet[User] = super().get_queryset(request)
        return everyone if actor_of(request).role in MANAGING else everyone.filter(role="")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return ("orders", "created_at", "history") if obj else ()

    def get_inlines(self, request: HttpRequest, obj: User | None) -> tuple[type[ReadOnlyInline], ...]:
        if obj is None:
            return ()
        return (CustomerProfileInline,) if obj.is_customer else (StaffProfileInline,)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_staff_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the user runs the accounts of staff, and this is one."""
        runs = request.user.has_perm("accounts.change_user")
        return runs and self._is(request, object_id, ~Q(role=""))

    def has_terms_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the user sets terms, and this is a customer."""
        sets = request.user.has_perm("accounts.change_customerprofile")
        return sets and self._is(request, object_id, Q(role="", profile__isnull=False))

    def _is(self, request: HttpRequest, object_id: Any, kind: Q) -> bool:
        try:
            return self.get_queryset(request).filter(kind, pk=object_id, deleted_at=None).exists()
        except ValueError:
            return False

    @admin.display(description="Account")
    def label(self, user: User) -> str:
        return str(user)

    @admin.display(description="Since")
    def since(self, user: User) -> str:
        return moment(user.created_at)

    @admin.display(description="Company")
    def company(self, user: User) -> str:
        profile = getattr(user, "profile", None)
        return profile.company_name if profile else ""

    @badge("Kind", {Role.ADMIN: "danger", Role.MANAGER: "warning", "customer": "success"})
    def kind_label(self, user: User) -> tuple[str, str]:
        return (user.role, user.get_role_display()) if user.role else ("customer", "Customer")

    @badge("Signs in", {"no": "danger", "yes": "success"})
    def active_label(self, user: User) -> tuple[str, str]:
        may = user.is_active and user.username is not None
        return ("yes", "yes") if may else ("no", "no")

    @admin.display(description="Orders")
    def orders(self, user: User) -> str:
        address = reverse("admin:orders_order_changelist")
        return link(f"{address}?customer__id__exact={user.pk}", "Orders of this account")

    def save_model(self, request: HttpRequest, obj: User, form: StaffForm, change: bool) -> None:
        values = dict(form.cleaned_data)
        member = staff.create_staff(
            actor=actor_of(request),
            password=values.pop("new_password"),
            role=Role(values.pop("role")),
            **values,
        )
        obj.pk = member.pk
        obj.refresh_from_db()

    @dialog(
        "Role and access",
        permission="staff",
        icon="badge",
        explanation="A change ends every session and token of this account.",
        form=AccessForm,
    )
    def change_access(self, request: HttpRequest, form: AccessForm, object_id: str) -> HttpResponse:
        actor = actor_of(request)
        role, is_active = Role(form.cleaned_data["role"]), form.cleaned_data["is_active"]
        return self.try_one(
            request,
            object_id,
            lambda member: staff.change_staff(member.pk, actor=actor, role=role, is_active=is_active),
            done="Changed",
        )

    @dialog(
        "Set password",
        permission="staff",
        icon="key",
        explanation="Ends every session and token of this account.",
        form=PasswordForm,
    )
    def set_password(self, request: HttpRequest, form: PasswordForm, object_id: str) -> HttpResponse:
        actor = actor_of(request)
        password = form.cleaned_data["new_password"]
        return self.try_one(
            request,
            object_id,
            lambda member: staff.set_staff_password(member.pk, password, actor=actor),
            done="New password",
        )

    @dialog("Set terms", permission="terms", icon="handshake", form=TermsForm)
    def set_terms(self, request: HttpRequest, form: TermsForm, object_id: str) -> HttpResponse:
        actor = actor_of(request)
        values = form.cleaned_data
        return self.try_one(
            request,
            object_id,
            lambda customer: terms.set_terms(
                customer.pk,
                actor=actor,
                approved_for_terms=values["approved_for_terms"],
                payment_terms=PaymentTerms(values["payment_terms"]),
                credit_limit=values["credit_limit"],
            ),
            done="Terms set",
        )


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """Keys are made by the API or `manage.py create_api_key`, which show them once."""

    list_display = ("name", "key_preview", "scope_list", "usable_label", "created_at", "expires_at", "last_used_at")
    list_filter = ("is_active",)
    actions = ("revoke",)
    exclude = ("key_hash", "id")

    @admin.display(description="Scopes")
    def scope_list(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @badge("State", {"active": "success", "revoked": "danger"})
    def usable_label(self, key: ApiKey) -> tuple[str, str]:
        return ("active", "active") if key.is_active else ("revoked", "revoked")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_apikey")

    @admin.action(description="Revoke", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        by = cast(User, request.user)
        self.try_each(
            request, queryset, lambda key: keys.revoke_api_key(key.pk, actor=by.as_actor(), by=by), done="Revoked"
        )


@admin.register(SmsConsent)
class SmsConsentAdmin(ReadOnlyAdmin):
    list_display = ("phone", "consented", "first_name", "last_name", "source", "text_version", "created_at")
    search_fields = ("phone__exact",)
    search_help_text = "A phone number."
    phone_column = "phone"
    sortable_by = ()
    ordering = ("-pk",)


@admin.register(SmsDelivery)
class SmsDeliveryAdmin(ReadOnlyAdmin):
    list_display = ("message_sid", "phone", "status", "error_code", "created_at", "updated_at")
    list_filter = ("status",)
    search_fields = ("message_sid__exact", "phone__exact")
    search_help_text = "The message's id, or a phone number."
    phone_column = "phone"
    sortable_by = ()
    ordering = ("-pk",)


@admin.register(DoNotCall)
class DoNotCallAdmin(ReadOnlyAdmin):
    list_display = ("phone", "reason", "set_by", "created_at")
    search_fields = ("phone__exact",)
    search_help_text = "A phone number."
    phone_column = "phone"
    sortable_by = ()


@admin.register(AccountToken)
class AccountTokenAdmin(ReadOnlyAdmin):
    list_display = ("user", "purpose", "expires_at", "created_at")
    list_select_related = ("user",)
    exclude = ("token_hash",)
    ordering = ("-pk",)


@admin.register(PhoneCode)
class PhoneCodeAdmin(ReadOnlyAdmin):
    list_display = ("phone", "purpose", "guesses", "expires_at")
    exclude = ("code_hash",)
    ordering = ("-pk",)


@admin.register(PhoneSession)
class PhoneSessionAdmin(ReadOnlyAdmin):
    list_display = ("phone", "expires_at")
    exclude = ("token_hash",)
    ordering = ("-pk",)


@admin.register(RevokedStaffToken)
class RevokedStaffTokenAdmin(ReadOnlyAdmin):
    list_display = ("jti", "expires_at")
    ordering = ("-pk",)
