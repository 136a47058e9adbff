from orders.events import OrderPlaced


def note_placement(event: OrderPlaced) -> None: ...
