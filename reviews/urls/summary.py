"""What is told of a round afterwards: to those who run it, and to everyone once it is published."""

from django.urls import path

from reviews.views import outcome, summary, summary_files

ROUND = "<slug:region>/rounds/<slug:round_id>/summary/"
OUTCOME = "<slug:region>/answer/<slug:round_id>/outcome/"
FILE = "files/<slug:stage>/<slug:format>/<slug:language>/"

urlpatterns = [
    path(ROUND, summary.summary, name="summary"),
    path(f"{ROUND}in/<slug:language>/", summary.summary, name="summary"),
    path(f"{ROUND}publish/", summary.summary_publish, name="summary-publish"),
    path(f"{ROUND}tell/", summary.outcomes_tell, name="outcomes-tell"),
    path(f"{ROUND}withdraw/", summary.summary_withdraw, name="summary-withdraw"),
    path(f"{ROUND}respondents/", summary.summary_respondents, name="summary-respondents"),
    path(f"{ROUND}respondents/in/<slug:language>/", summary.summary_respondents, name="summary-respondents"),
    path(f"{ROUND}whole/", summary.summary_part, {"key": ""}, name="summary-whole"),
    path(f"{ROUND}s/<slug:key>/", summary.summary_part, name="summary-part"),
    path(f"{ROUND}s/<slug:key>/in/<slug:language>/", summary.summary_part, name="summary-part"),
    path(f"{ROUND}whole/in/<slug:language>/", summary.summary_part, {"key": ""}, name="summary-whole"),
    path(f"{ROUND}files/", summary_files.summary_files, name="summary-files"),
    path(f"{ROUND}{FILE}", summary_files.summary_file, name="summary-file"),
    path(f"{ROUND}{FILE}make/", summary_files.summary_file_make, name="summary-file-make"),
    path(f"{OUTCOME}files/<slug:format>/<slug:language>/", summary_files.outcome_file, name="outcome-file"),
    path(f"{OUTCOME}own/", outcome.own_outcome, name="own-outcome"),
    path(OUTCOME, outcome.outcome, name="outcome"),
    path(f"{OUTCOME}in/<slug:language>/", outcome.outcome, name="outcome"),
    path(f"{OUTCOME}respondents/", outcome.outcome_respondents, name="outcome-respondents"),
    path(f"{OUTCOME}respondents/in/<slug:language>/", outcome.outcome_respondents, name="outcome-respondents"),
    path(f"{OUTCOME}whole/", outcome.outcome_part, {"key": ""}, name="outcome-whole"),
    path(f"{OUTCOME}whole/in/<slug:language>/", outcome.outcome_part, {"key": ""}, name="outcome-whole"),
    path(f"{OUTCOME}s/<slug:key>/", outcome.outcome_part, name="outcome-part"),
    path(f"{OUTCOME}s/<slug:key>/in/<slug:language>/", outcome.outcome_part, name="outcome-part"),
]
