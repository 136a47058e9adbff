"""Who gets into the console, what it shows each role and lets it change."""

import pytest
from django.test import Client

from accounts.models import User
from lld.core.access import Role
from tests.factories import PASSWORD, as_customer


@pytest.mark.django_db
def test_customer_cannot_sign_in_to_console() -> None:
    customer = as_customer()
    assert customer.get("/admin/").status_code == 302
    client = Client()
    client.post("/admin/login/", {"username": customer.user.username, "password": PASSWORD})
    assert "sessionid" not in client.cookies


SHOWN = {
    Role.ADMIN: "accounts.user accounts.apikey core.auditentry catalog.product orders.order any.thing",
    Role.MANAGER: "accounts.user accounts.customerprofile accounts.donotcall catalog.product orders.payment",
    Role.STAFF: "accounts.user accounts.customerprofile accounts.smsconsent catalog.product orders.refund",
    Role.SALES_REP: "accounts.user accounts.customerprofile accounts.donotcall catalog.product orders.order",
    Role.WAREHOUSE: "catalog.product catalog.category orders.order orders.orderline",
}
HIDDEN = {
    Role.MANAGER: "accounts.apikey accounts.accounttoken accounts.staffprofile core.auditentry core.outboxmessage",
    Role.STAFF: "accounts.apikey accounts.phonesession core.auditentry django_celery_beat.periodictask",
    Role.SALES_REP: "accounts.apikey accounts.smsconsent accounts.smsdelivery catalog.chatsession "
    "orders.payment orders.refund orders.creditentry core.webhookevent",
    Role.WAREHOUSE: "accounts.user accounts.customerprofile accounts.donotcall catalog.chatsession catalog.chatturn "
    "orders.payment core.auditentry",
}
CHANGED = {
    Role.ADMIN: "accounts.user accounts.apikey catalog.product orders.order core.outboxmessage",
    Role.MANAGER: "accounts.customerprofile catalog.product orders.order orders.payment",
    Role.STAFF: "orders.order orders.payment",
    Role.SALES_REP: "",
    Role.WAREHOUSE: "",
}
UNCHANGED = {
    Role.MANAGER: "accounts.user accounts.apikey accounts.donotcall core.outboxmessage",
    Role.STAFF: "accounts.user accounts.customerprofile catalog.product core.outboxmessage",
    Role.SALES_REP: "accounts.user accounts.customerprofile catalog.product orders.order",
    Role.WAREHOUSE: "accounts.user catalog.product orders.order orders.payment",
}
MODULES = {
    Role.ADMIN: {"accounts", "catalog", "orders", "core", "django_celery_beat"},
    Role.MANAGER: {"accounts", "catalog", "orders"},
    Role.STAFF: {"accounts", "catalog", "orders"},
    Role.SALES_REP: {"accounts", "catalog", "orders"},
    Role.WAREHOUSE: {"catalog", "orders"},
}
VERBS = ("add", "change", "delete")


def permissions(models: dict[Role, str], role: Role, *verbs: str) -> list[str]:
    labels = [label.split(".") for label in models.get(role, "").split()]
    return [f"{app}.{verb}_{model}" for app, model in labels for verb in verbs]


@pytest.mark.parametrize("role", Role)
def test_role_has_its_permissions(role: Role) -> None:
    user = User(role=role)
    granted = permissions(SHOWN, role, "view") + permissions(CHANGED, role, *VERBS)
    refused = permissions(HIDDEN, role, "view", *VERBS) + permissions(UNCHANGED, role, *VERBS)

    assert [permission for permission in granted if not user.has_perm(permission)] == []
    assert [permission for permission in refused if user.has_perm(permission)] == []
    assert user.has_perms(granted)
    if refused:
        assert not user.has_perms([*granted, refused[0]])

    seen = {app for app in MODULES[Role.ADMIN] if user.has_module_perms(app)}
    assert seen == MODULES[role]
    assert (user.is_staff, user.is_superuser) == (True, role == Role.ADMIN)


@pytest.mark.parametrize(
    "user", [User(), User(role=Role.ADMIN, is_active=False)], ids=["a customer", "an ended admin"]
)
def test_customer_and_inactive_admin_have_no_permissions(user: User) -> None:
    for permission in permissions(SHOWN, Role.ADMIN, "view", *VERBS):
        assert not user.has_perm(permission)
    assert not user.has_module_perms("orders")
    assert not User().is_staff


@pytest.mark.parametrize("permission", ["", "orders", "orders.", ".view_order", "orders.view_", "orders.view_orders"])
def test_invalid_permission_is_refused(permission: str) -> None:
    assert not User(role=Role.SALES_REP).has_perm(permission)
