"""Word files for comments, out and back in."""

from django.urls import URLPattern, URLResolver, path

from reviews.views import word

ROUND = "<slug:region>/rounds/<slug:round_id>/word/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{ROUND}copy/<slug:language>/", word.comment_copy, name="comment-copy"),
    path(f"{ROUND}add/", word.word_return_add, name="word-return-add"),
    path(f"{ROUND}tray/", word.word_tray, name="word-tray"),
    path(f"{ROUND}tray/<slug:remark_id>/", word.word_place, name="word-place"),
    path(f"{ROUND}statements/<slug:statement_id>/<slug:file_id>/", word.word_return_read, name="word-return-read"),
    path(f"{ROUND}<slug:return_id>/", word.word_return, name="word-return"),
    path(f"{ROUND}<slug:return_id>/cancel/", word.word_return_cancel, name="word-return-cancel"),
]
