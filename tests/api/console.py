"""Every page of the console, one row each, as `tests/api` has the API's routes: who sees it, what of it, and who does
what there. Each button names the route of the API that does the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.api.callers import ADMIN, CASHIERS, MANAGING, SELLERS, STAFF
from tests.api.route import Shows

NOBODY: frozenset[str] = frozenset()
ORDER = "api/staff/orders/<int:order_id>"
# What keeps the program running is looked after in the console, and by commands.
OPERATIONS = "operations"


@dataclass(frozen=True)
class Does:
    """Who is offered a button or an action, and the route that does the same for other programs."""

    roles: frozenset[str]
    api: str


NOTHING = Shows()


@dataclass(frozen=True)
class Page:
    """The list and the pages of one model. `theirs`: representatives find their own rows only."""

    model: str
    seen_by: frozenset[str]
    does: Mapping[str, Does] = field(default_factory=dict)
    added_by: frozenset[str] = NOBODY
    added_over: str = ""
    changed_by: frozenset[str] = NOBODY
    changed_over: str = ""
    shows: Shows = NOTHING
    theirs: bool = False


def moves(*names: str) -> dict[str, Does]:
    return dict.fromkeys(names, Does(STAFF, f"PUT {ORDER}/status"))


PEOPLE = (
    Page(
        "accounts.user",
        SELLERS,
        does={
            "change_access": Does(ADMIN, "PUT api/staff/users/<int:user_id>"),
            "set_password": Does(ADMIN, "PUT api/staff/users/<int:user_id>"),
            "set_terms": Does(MANAGING, "PUT api/staff/customers/<int:user_id>"),
        },
        added_by=ADMIN,
        added_over="POST api/staff/users",
        shows=Shows(contact=SELLERS),
        theirs=True,
    ),
    Page("accounts.smsconsent", CASHIERS),
    Page("accounts.smsdelivery", CASHIERS),
    Page("accounts.donotcall", SELLERS),
    Page("accounts.apikey", ADMIN, does={"revoke": Does(ADMIN, "POST api/admin/keys/<int:key_id>/revoke")}),
    Page("accounts.accounttoken", ADMIN),
    Page("accounts.phonecode", ADMIN),
    Page("accounts.phonesession", ADMIN),
    Page("accounts.revokedstafftoken", ADMIN),
)

SHELVES = (
    Page(
        "catalog.product",
        STAFF,
        does=dict.fromkeys(("deactivate", "activate"), Does(MANAGING, "PUT api/staff/products/<int:product_id>")),
        added_by=MANAGING,
        added_over="POST api/staff/products",
        changed_by=MANAGING,
        changed_over="PUT api/staff/products/<int:product_id>",
        shows=Shows(cost=CASHIERS),
    ),
    Page(
        "catalog.category",
        STAFF,
        added_by=MANAGING,
        added_over="POST api/staff/categories",
        changed_by=MANAGING,
        changed_over="PUT api/staff/categories/<int:category_id>",
    ),
    Page("catalog.barcode", STAFF),
    Page("catalog.image", STAFF),
    Page("catalog.stockmovement", STAFF),
    Page("catalog.revision", STAFF),
    Page("catalog.chatsession", CASHIERS),
)

ORDERS = (
    Page(
        "orders.order",
        STAFF,
        does={
            **moves("confirm_selected", "pack_selected", "ship_selected", "deliver_selected", "cancel_selected"),
            **moves("move", "cancel"),
            "release_selected": Does(MANAGING, f"POST {ORDER}/release-hold"),
            "release_hold": Does(MANAGING, f"POST {ORDER}/release-hold"),
            "let_out": Does(MANAGING, f"POST {ORDER}/release-hold"),
            "edit_items": Does(SELLERS, f"PUT {ORDER}/items"),
            "refund": Does(CASHIERS, f"POST {ORDER}/refund"),
            "adjust": Does(CASHIERS, f"POST {ORDER}/adjust"),
            "keep": Does(CASHIERS, f"POST {ORDER}/keep"),
            "unship": Does(MANAGING, f"POST {ORDER}/unship"),
            "write_off": Does(MANAGING, f"POST {ORDER}/write-off"),
            "reinstate": Does(CASHIERS, f"POST {ORDER}/reinstate"),
        },
        shows=Shows(money=SELLERS, contact=SELLERS),
        theirs=True,
    ),
    Page(
        "orders.payment",
        CASHIERS,
        does={
            "apply": Does(CASHIERS, "POST api/staff/payments/<int:payment_id>/apply"),
            "give_back": Does(CASHIERS, "POST api/staff/payments/<int:payment_id>/return"),
            "bounced": Does(CASHIERS, "POST api/staff/payments/<int:payment_id>/bounced"),
            "void": Does(MANAGING, "POST api/staff/payments/<int:payment_id>/void"),
        },
        shows=Shows(money=CASHIERS),
    ),
    Page(
        "orders.refund",
        CASHIERS,
        does={
            "retry": Does(CASHIERS, "POST api/staff/refunds/<int:refund_id>/retry"),
            "hand_out": Does(CASHIERS, "POST api/staff/refunds/<int:refund_id>/handed-out"),
            "withdraw": Does(CASHIERS, "POST api/staff/refunds/<int:refund_id>/withdraw"),
        },
        shows=Shows(money=CASHIERS),
    ),
    Page(
        "orders.check",
        CASHIERS,
        does={
            "approve": Does(CASHIERS, "POST api/staff/checks/<order_number:order_number>/approve"),
            "reject": Does(CASHIERS, "POST api/staff/checks/<order_number:order_number>/reject"),
        },
    ),
    Page("orders.dispute", CASHIERS, shows=Shows(money=CASHIERS)),
    Page("orders.paymentlink", CASHIERS),
    Page(
        "orders.attentionentry",
        CASHIERS,
        does={"resolve": Does(CASHIERS, "POST api/staff/attention/<int:entry_id>/resolve")},
        shows=Shows(money=CASHIERS),
    ),
    Page("orders.ledgerentry", CASHIERS, shows=Shows(money=CASHIERS)),
    Page("orders.creditentry", CASHIERS),
    Page("orders.creditaccount", CASHIERS),
    Page("orders.customerstats", CASHIERS),
)

MACHINERY = (
    Page(
        "core.outboxmessage",
        ADMIN,
        does={"send_again": Does(ADMIN, OPERATIONS)},
        shows=Shows(money=ADMIN, contact=ADMIN),
    ),
    Page("core.webhookevent", ADMIN),
    Page("core.idempotencyclaim", ADMIN),
    Page("core.auditentry", ADMIN, shows=Shows(money=ADMIN)),
    Page("django_celery_beat.periodictask", ADMIN),
)

PAGES = (*PEOPLE, *SHELVES, *ORDERS, *MACHINERY)
