from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = _("Comment rounds")

    def ready(self) -> None:
        from reviews import registration  # models must be loaded

        registration.register()
