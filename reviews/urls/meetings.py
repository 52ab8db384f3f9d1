"""A steering group goes through what is open."""

from django.urls import path

from reviews.views import meetings

DOCUMENT = "<slug:region>/<kind:kind>/<slug:public_id>/meetings/"
MEETING = f"{DOCUMENT}<slug:meeting_id>/"

urlpatterns = [
    path(DOCUMENT, meetings.meeting_list, name="meeting-list"),
    path(f"{DOCUMENT}add/", meetings.meeting_add, name="meeting-add"),
    path(MEETING, meetings.meeting, name="meeting"),
    path(f"{MEETING}edit/", meetings.meeting_edit, name="meeting-edit"),
    path(f"{MEETING}end/", meetings.meeting_end, name="meeting-end"),
    path(f"{MEETING}memo.pdf", meetings.memo_pdf, name="meeting-memo-pdf"),
    path(f"{MEETING}memo.docx", meetings.memo_word, name="meeting-memo-word"),
    path(f"{MEETING}points/<slug:remark_id>/", meetings.meeting_point, name="meeting-point"),
    path(f"{MEETING}points/<slug:remark_id>/accept/", meetings.meeting_accept, name="meeting-accept"),
]
