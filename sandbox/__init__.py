"""A simulator of our vendors over HTTP and SMTP, for development and tests.

One process answers as Stripe, Twilio, Discord, OpenAI, R2 and a mail server, keeps a ledger of every effect it
had, shows what was sent on one page, and injects faults on request. Product code never imports it and
it imports no product code: the two meet only on the wire, through the vendors' real SDKs.

How a further vendor is added stands in `sandbox.app`.
"""
