"""Orders and their money in the console. Everything is shown; orders move by the services that the API calls."""

from orders.admin import checks, money, orders, payments

__all__ = ["checks", "money", "orders", "payments"]
