"""Addresses of rounds: of those who run them `/<region>/rounds/…`, of those who answer `/<region>/answer/…`."""

from reviews.urls import (
    accepting,
    answering,
    desk,
    entering,
    invitations,
    meetings,
    moderation,
    reading,
    rounds,
    summary,
    word,
)

app_name = "reviews"

urlpatterns = [
    *answering.urlpatterns,
    *reading.urlpatterns,
    *rounds.urlpatterns,
    *invitations.urlpatterns,
    *entering.urlpatterns,
    *word.urlpatterns,
    *desk.urlpatterns,
    *accepting.urlpatterns,
    *meetings.urlpatterns,
    *summary.urlpatterns,
    *moderation.urlpatterns,
]
