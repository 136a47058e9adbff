"""A payment link, as tests make it."""

ITEM = {
    "price_data": {"currency": "usd", "unit_amount": 1250, "product_data": {"name": "Order <b>LLD-2</b>"}},
    "quantity": 2,
}
LINK = {
    "line_items": [ITEM],
    "metadata": {"order": "LLD-2"},
    "payment_intent_data": {"metadata": {"order": "LLD-2"}},
    "restrictions": {"completed_sessions": {"limit": 1}},
    "inactive_message": "Ask <i>us</i> for a new link.",
}
