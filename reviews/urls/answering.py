"""A respondent's way, without an account."""

from django.urls import URLPattern, URLResolver, path

from reviews.views.answering import entry, registrar, sending, writing

_ROUND = "<slug:region>/answer/<slug:round_id>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("answer/invitation/", entry.by_invitation, name="by-invitation"),
    path("answer/statement/", entry.by_statement, name="by-statement"),
    path("answer/code/", entry.code, name="code"),
    path(f"{_ROUND}/", entry.answer, name="answer"),
    path(f"{_ROUND}/begin/", entry.begin_answer, name="answer-begin"),
    path(f"{_ROUND}/leave/", entry.leave, name="answer-leave"),
    path(f"{_ROUND}/send/", registrar.at_once, name="answer-at-once"),
    path(f"{_ROUND}/forward/", registrar.forward_request, name="answer-forward"),
    path(f"{_ROUND}/more-time/", registrar.more_time, name="answer-more-time"),
    path(f"{_ROUND}/request.pdf", registrar.letter, name="answer-letter"),
    path(f"{_ROUND}/draft/", registrar.draft, name="answer-draft"),
    path(f"{_ROUND}/copy.pdf", registrar.copy, name="answer-copy"),
    path(f"{_ROUND}/questions/", writing.questions, name="answer-questions"),
    path(f"{_ROUND}/who/", writing.who, name="answer-who"),
    path(f"{_ROUND}/files/<slug:file_id>/", writing.file, name="answer-file"),
    path(f"{_ROUND}/short/", sending.short, name="answer-short"),
    path(f"{_ROUND}/finish/", sending.finish, name="answer-finish"),
    path(f"{_ROUND}/receipt/", sending.receipt, name="answer-receipt"),
    path(f"{_ROUND}/receipt-file/", sending.receipt_paper, name="answer-receipt-file"),
    path(f"{_ROUND}/link/", sending.own_link, name="answer-link"),
]
