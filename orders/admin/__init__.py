"""Orders and their money in the console. Everything is shown; orders move by the services that the API calls."""

from orders.admin import money, orders

__all__ = ["money", "orders"]
