"""How the admin console looks, and what its sidebar shows."""

from typing import Any

from django.urls import reverse_lazy


def _item(title: str, icon: str, model: str) -> dict[str, Any]:
    permission = "{}.view_{}".format(*model.rsplit("_", 1))
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{model}_changelist"),
        "permission": lambda request: request.user.has_perm(permission),
    }


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "LLD back office",
    "SITE_HEADER": "LLD back office",
    "SITE_URL": "/",
    "SITE_SYMBOL": "restaurant",
    "SHOW_HISTORY": False,
    "COLORS": {
        "primary": {
            "50": "255 251 235",
            "100": "254 243 199",
            "200": "253 230 138",
            "300": "252 211 77",
            "400": "251 191 36",
            "500": "217 119 6",
            "600": "180 83 9",
            "700": "146 64 14",
            "800": "120 53 15",
            "900": "99 44 15",
            "950": "69 26 3",
        }
    },
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": [
            {
                "title": "Orders",
                "items": [
                    _item("Orders", "receipt_long", "orders_order"),
                    _item("Attention", "priority_high", "orders_attentionentry"),
                    _item("Payments", "payments", "orders_payment"),
                    _item("Refunds", "undo", "orders_refund"),
                    _item("Ledger", "menu_book", "orders_ledgerentry"),
                    _item("Checks", "fact_check", "orders_check"),
                    _item("Disputes", "gavel", "orders_dispute"),
                    _item("Payment links", "link", "orders_paymentlink"),
                    _item("Store credit", "savings", "orders_creditaccount"),
                ],
            },
            {
                "title": "Catalogue",
                "items": [
                    _item("Products", "inventory_2", "catalog_product"),
                    _item("Categories", "category", "catalog_category"),
                    _item("Pictures", "image", "catalog_image"),
                    _item("Conversations", "forum", "catalog_chatsession"),
                    _item("Stock ledger", "swap_vert", "catalog_stockmovement"),
                ],
            },
            {
                "title": "People",
                "items": [
                    _item("Customers and staff", "group", "accounts_user"),
                    _item("Customer figures", "monitoring", "orders_customerstats"),
                    _item("SMS consent", "sms", "accounts_smsconsent"),
                    _item("Do not call", "phone_disabled", "accounts_donotcall"),
                    _item("API keys", "key", "accounts_apikey"),
                ],
            },
            {
                "title": "Machinery",
                "items": [
                    _item("Outbox", "outgoing_mail", "core_outboxmessage"),
                    _item("Webhooks", "webhook", "core_webhookevent"),
                    _item("Schedule", "schedule", "django_celery_beat_periodictask"),
                    _item("Audit log", "history", "core_auditentry"),
                ],
            },
        ],
    },
}
