"""What is hidden, and personal data."""

from django.urls import path

from reviews.views import moderation, people

ROUND = "<slug:region>/rounds/<slug:round_id>/"
REMARK = f"{ROUND}moderation/<slug:remark_id>/"
STATEMENT = f"{ROUND}statements/<slug:statement_id>/"

urlpatterns = [
    path("<slug:region>/respondents/", people.person_find, name="person-find"),
    path("<slug:region>/respondents/data/", people.person_export, name="person-export"),
    path("<slug:region>/respondents/erase/", people.person_erase, name="person-erase"),
    path(f"{ROUND}moderation/", moderation.moderation, name="moderation"),
    path(f"{REMARK}hide/", moderation.remark_hide, name="remark-hide"),
    path(f"{REMARK}show/", moderation.remark_show, name="remark-show"),
    path(f"{REMARK}leave/", moderation.remark_leave, name="remark-leave"),
    path(f"{STATEMENT}hide/", moderation.statement_hide, name="statement-hide"),
    path(f"{STATEMENT}show/", moderation.statement_show, name="statement-show"),
    path(f"{STATEMENT}black-out/", moderation.statement_black_out, name="statement-black-out"),
    path(f"{STATEMENT}uncover/", moderation.statement_uncover, name="statement-uncover"),
    path(f"{ROUND}forget/", people.round_forget, name="round-forget"),
]
