from django.apps import AppConfig
from django.core.checks import Tags, register


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        from catalog.checks import check_files_last

        register(check_files_last, Tags.files, deploy=True)
