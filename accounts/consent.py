"""The words that people agree to before we text them. A changed text is a new version."""

VERSION = "2026-11"
TEXT = (
    "I agree to receive text messages from LLD Restaurant Supply about my orders and account. "
    "Message frequency varies; message and data rates may apply. Reply STOP to opt out, HELP for help. "
    "Consent is not a condition of purchase."
)
CONFIRMATION = (
    "LLD Restaurant Supply: you will get texts about your orders and account. Message frequency varies; message and "
    "data rates may apply. Reply HELP for help, STOP to opt out."
)
