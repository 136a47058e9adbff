from django.apps import AppConfig


class HearerConfig(AppConfig):
    name = "tests.hearer"

    def ready(self) -> None:
        from lld.core import events
        from orders.events import OrderPlaced
        from tests.hearer.handlers import note_placement

        events.subscribe(OrderPlaced, note_placement)
