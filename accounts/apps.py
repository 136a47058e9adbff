from django.apps import AppConfig
from django.core.checks import Tags, register


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts.checks import check_debug_tokens
        from accounts.services import recovery
        from lld.core.outbox import Channel, register_channel
        from lld.settings.schedule import TEXTS

        register(check_debug_tokens, Tags.security, deploy=True)
        # Some of them end in a code.
        register_channel(recovery.CHANNEL, Channel(send=recovery.deliver_recovery, queue=TEXTS))
