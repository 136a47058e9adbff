from django.apps import AppConfig


class GatewaysConfig(AppConfig):
    name = "lld.gateways"
    label = "gateways"

    def ready(self) -> None:
        from lld.core.outbox import Channel, register_channel
        from lld.gateways import discord, smtp, twilio
        from lld.settings.schedule import MAIL, TEXTS

        register_channel("email", Channel(send=smtp.send_message, queue=MAIL))
        register_channel("sms", Channel(send=twilio.send_message, repeatable=False, queue=TEXTS))
        register_channel("discord", Channel(send=discord.send_message))
