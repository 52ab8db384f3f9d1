"""Addresses of handbooks beside those of their documents: `/<region>/handbook/<public id>/…`."""

from django.urls import path

from handbooks.views import handbook, imports, meeting, template

app_name = "handbooks"

ONE = "<slug:region>/handbook/<slug:public_id>/"
IMPORT = f"{ONE}import/<slug:import_id>/"
TASK = f"{ONE}meeting/<slug:key>/"

urlpatterns = [
    path("<slug:region>/handbook/add/", handbook.handbook_add, name="handbook-add"),
    path("<slug:region>/template/<slug:public_id>/form/", handbook.template_form, name="template-form"),
    path(
        "<slug:region>/template/<slug:public_id>/form/in/<slug:language>/", handbook.template_form, name="template-form"
    ),
    path("<slug:region>/template/<slug:public_id>/s/<slug:key>/task/", template.template_task, name="template-task"),
    path(f"{ONE}form/", handbook.handbook_form, name="handbook-form"),
    path(f"{ONE}form/in/<slug:language>/", handbook.handbook_form, name="handbook-form"),
    path(f"{ONE}import/", imports.word_import_add, name="word-import-add"),
    path(IMPORT, imports.word_import, name="word-import"),
    path(f"{IMPORT}tracked/", imports.word_import_tracked, name="word-import-tracked"),
    path(f"{IMPORT}places/", imports.word_import_places, name="word-import-places"),
    path(f"{IMPORT}run/", imports.word_import_run, name="word-import-run"),
    path(f"{IMPORT}cancel/", imports.word_import_cancel, name="word-import-cancel"),
    path(f"{ONE}meeting/", meeting.meeting, name="meeting"),
    path(TASK, meeting.task, name="task"),
    path(f"{TASK}ready/", meeting.task_ready, name="task-ready"),
    path(f"{TASK}draft/", meeting.task_draft, name="task-draft"),
    path(f"{ONE}assessment/", handbook.assessment, name="assessment"),
    path(f"{ONE}handing-in/", handbook.handing_in, name="handing-in"),
    path(f"{ONE}handing-in/do/", handbook.handbook_hand_in, name="handbook-hand-in"),
    path(f"{ONE}handing-in/take-back/", handbook.handbook_take_back, name="handbook-take-back"),
    path(f"{ONE}handing-in/template/", handbook.handbook_upgrade, name="handbook-upgrade"),
]
