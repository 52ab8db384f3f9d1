from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FamilyCentreConfig(AppConfig):
    name = "familycentre"
    verbose_name = _("Family Centre")

    def ready(self) -> None:
        from familycentre import holdings  # models must be loaded

        holdings.register()
