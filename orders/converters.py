"""Order numbers in addresses: `<order_number:order_number>`, registered when the app is loaded."""

from orders.numbers import normalise_order_number


class OrderNumberConverter:
    """As people type it in, as we keep it out."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        return normalise_order_number(value)

    def to_url(self, value: str) -> str:
        return value
