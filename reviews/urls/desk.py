"""The answer desk: remarks on a document over all of its rounds. Fixed words stand before the id of a remark."""

from django.urls import URLPattern, URLResolver, path

from documents.urls import ONE
from reviews.views import desk, desk_many

ALL = f"{ONE}remarks/"
REMARK = f"{ALL}<slug:remark_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(ALL, desk.remark_list, name="remark-list"),
    path(f"{ALL}spreadsheet/", desk_many.remarks_spreadsheet, name="remarks-spreadsheet"),
    path(f"{ALL}answer/", desk_many.remarks_answer, name="remarks-answer"),
    path(f"{ALL}assign/", desk_many.remarks_assign, name="remarks-assign"),
    path(REMARK, desk.remark_detail, name="remark"),
    path(f"{REMARK}answer/", desk.remark_answer, name="remark-answer"),
    path(f"{REMARK}assign/", desk.remark_assign, name="remark-assign"),
    path(f"{REMARK}note/", desk.remark_note, name="remark-note"),
    path(f"{REMARK}answers/<slug:answer_id>/undo/", desk.answer_undo, name="answer-undo"),
]
