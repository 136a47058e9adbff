from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "lld.core"
    label = "core"
    verbose_name = "Machinery"
