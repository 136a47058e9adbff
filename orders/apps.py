from django.apps import AppConfig
from django.urls import register_converter


class OrdersConfig(AppConfig):
    name = "orders"

    def ready(self) -> None:
        from orders.converters import OrderNumberConverter

        register_converter(OrderNumberConverter, "order_number")
