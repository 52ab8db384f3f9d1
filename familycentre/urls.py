"""All addresses. The interface language is the first part of each that a person reads."""

from allauth.account.decorators import secure_admin_login
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from familycentre import views
from plans.views.region import region_detail

handler400 = "familycentre.views.bad_request"
handler500 = "familycentre.views.server_error"

# One door for everybody: the admin's own counts no wrong passwords and asks for no second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = _("Family Centre")

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("accent/<str:code>.css", views.region_accent, name="region-accent"),
    *i18n_patterns(
        path("", views.home, name="home"),
        path("about/", views.about, name="about"),
        path("accessibility/", views.accessibility, name="accessibility"),
        path("privacy/", views.privacy, name="privacy"),
        path("gallery/", views.gallery, name="gallery"),
        path("", include("accounts.urls")),
        path("", include("regions.urls")),
        path("account/", include("allauth.urls")),
        path("admin/", admin.site.urls),
        path("", include("reviews.urls")),
        path("", include("handbooks.urls")),
        path("", include("plans.urls")),
        path("", include("documents.urls")),
        path("<slug:region>/", region_detail, name="region"),
    ),
]
