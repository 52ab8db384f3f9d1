from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegionsConfig(AppConfig):
    name = "regions"
    verbose_name = _("Regions and bodies")

    def ready(self) -> None:
        from accounts.links import register_purpose  # models must be loaded
        from regions import holdings, invitations, turnover

        register_purpose(invitations.PURPOSE, opens="regions:invitation")
        holdings.register_source(turnover.memberships_and_mandates)
