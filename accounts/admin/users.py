"""People in the console. Pages show; buttons call services."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts import rules, selectors
from accounts.admin.forms import AccessForm, PasswordForm, StaffForm, TermsForm
from accounts.enums import PaymentTerms
from accounts.models import (
    CustomerProfile,
    StaffProfile,
    User,
)
from accounts.selectors import customers_of
from accounts.services import staff, terms
from lld.core.access import Role
from lld.core.console import ConsoleAdmin, ReadOnlyInline, actor_of, badge, dialog, link, moment


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
    search_help_text = "E-mail, name, company, or the end of a phone."
    sortable_by = ()
    ordering = ("-created_at",)
    actions_detail = ("change_access", "set_password", "set_terms")
    add_fieldsets = (
        (None, {"fields": (("username", "email"), ("first_name", "last_name"), ("role", "new_password"))}),
    )
    fieldsets = (
        (
            None,
            {"fields": (("username", "email", "phone", "phone_extension"), ("first_name", "last_name"), "orders")},
        ),
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
        by = actor_of(request)
        if rules.sees_staff(by):
            return everyone
        if rules.sees_only_own(by):
            return everyone.filter(pk__in=customers_of(cast(int, by.id)).values("pk"))
        return everyone.filter(role="")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        return (selectors.people_matching(queryset, search_term) if search_term.strip() else queryset), False

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
