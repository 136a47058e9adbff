from django.apps import AppConfig


class GatewaysConfig(AppConfig):
    name = "lld.gateways"
    label = "gateways"

    def ready(self) -> None:
        from lld.core.outbox import Channel, register_channel
        from lld.gateways import discord, smtp, twilio

        register_channel("email", Channel(send=smtp.send_message))
        register_channel("sms", Channel(send=twilio.send_message, repeatable=False))
        register_channel("discord", Channel(send=discord.send_message))
