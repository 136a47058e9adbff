"""Orders and their money in the console. Everything is shown; orders move by the services that the API calls."""

from orders.admin import checks, disputes, money, orders, payments

__all__ = ["checks", "disputes", "money", "orders", "payments"]
