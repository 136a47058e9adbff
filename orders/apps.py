from django.apps import AppConfig
from django.urls import register_converter


class OrdersConfig(AppConfig):
    name = "orders"

    def ready(self) -> None:
        from accounts.events import AddressProven
        from lld.core import events
        from orders import handlers
        from orders.converters import OrderNumberConverter
        from orders.events import DemandsChanged

        register_converter(OrderNumberConverter, "order_number")
        events.subscribe(DemandsChanged, handlers.take_down_demands)
        events.subscribe(AddressProven, handlers.link_guest_orders)
