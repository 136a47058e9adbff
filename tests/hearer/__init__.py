"""An app above all others, for tests: it hears of orders as an app of the product would."""
