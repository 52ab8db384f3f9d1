"""Addresses of plans: `/<region>/plan/<public id>/…`, beside those of their documents."""

from django.urls import URLPattern, path

from plans.blocks import ACTION, GOAL, INDICATOR
from plans.views import compiling, needs, plan, priorities, settings, spreadsheets, theme
from plans.views.goals import adding, listing, remembered, standing, things, together

app_name = "plans"

ONE = "<slug:region>/plan/<slug:public_id>/"
CHAPTER = f"{ONE}compile/<slug:key>/"
NEED_GROUP = f"{ONE}needs/group/<slug:group_id>/"
THINGS = {
    kind: f"{ONE}{word}/<slug:row_id>/"
    for kind, word in ((GOAL, "goals"), (ACTION, "measures"), (INDICATOR, "indicators"))
}


def pages_of(kind: str) -> list[URLPattern]:
    """What can be done with goals, measures and indicators alike."""
    start, more = THINGS[kind], {"kind": kind}
    return [
        path(f"{start}edit/", things.thing_edit, more, name=f"{kind}-edit"),
        path(f"{start}up/", things.thing_up, more, name=f"{kind}-up"),
        path(f"{start}down/", things.thing_down, more, name=f"{kind}-down"),
        path(f"{start}remove/", things.thing_remove, more, name=f"{kind}-remove"),
        path(f"{start}history/", remembered.thing_history, more, name=f"{kind}-history"),
        path(
            f"{start}history/<slug:key>/<int:number>/restore/",
            remembered.thing_restore,
            more,
            name=f"{kind}-restore",
        ),
    ]


urlpatterns = [
    path("<slug:region>/plan/new/", plan.plan_new, name="plan-new"),
    path(f"{ONE}to-complete/", plan.loose_end_list, name="loose-end-list"),
    path(f"{ONE}to-complete/not-this-period/", plan.need_decide, name="need-decide"),
    path(f"{ONE}to-complete/answer/", plan.need_answer, name="need-answer"),
    path(f"{ONE}criteria/", plan.criterion_summary, name="criterion-summary"),
    path("<slug:region>/handbook/<slug:public_id>/uses/<slug:plan_id>/", plan.handbook_use, name="handbook-use"),
    path(f"{ONE}compile/", compiling.compile_desk_page, name="compile-desk"),
    path(f"{ONE}compile-now/", compiling.plan_compile, name="plan-compile"),
    path(f"{ONE}compile-seen/", compiling.handbook_seen, name="handbook-seen"),
    path(f"{ONE}compile-rest/", compiling.rest_list, name="rest-list"),
    path(f"{ONE}compile-rest/take/", compiling.rest_take, name="rest-take"),
    path(f"{ONE}compile-rest/leave/", compiling.rest_leave, name="rest-leave"),
    path(CHAPTER, theme.chapter_detail, name="chapter-detail"),
    path(f"{CHAPTER}feed/", compiling.feed_edit, name="feed-edit"),
    path(f"{CHAPTER}answers/take/", theme.lines_take, name="lines-take"),
    path(f"{CHAPTER}answers/leave/", theme.lines_leave, name="lines-leave"),
    path(f"{CHAPTER}answers/restore/", theme.lines_restore, name="lines-restore"),
    path(f"{CHAPTER}seen/", theme.sources_seen, name="sources-seen"),
    path(f"{CHAPTER}proposals/take/", theme.candidates_take, name="candidates-take"),
    path(f"{CHAPTER}proposals/join/", theme.candidates_join, name="candidates-join"),
    path(f"{CHAPTER}proposals/apart/", theme.proposals_apart, name="proposals-apart"),
    path(f"{ONE}needs/", needs.need_list, name="need-list"),
    path(f"{ONE}needs/propose/", needs.needs_propose, name="needs-propose"),
    path(f"{ONE}needs/move/", needs.needs_move, name="needs-move"),
    path(f"{ONE}needs/add/", needs.need_group_add, name="need-group-add"),
    path(f"{ONE}needs/meeting/", priorities.need_show, name="need-show"),
    path(NEED_GROUP, needs.need_group, name="need-group"),
    path(f"{NEED_GROUP}name/", needs.need_group_rename, name="need-group-rename"),
    path(f"{NEED_GROUP}into-another/", needs.need_groups_join, name="need-groups-join"),
    path(f"{NEED_GROUP}take-apart/", needs.need_group_dissolve, name="need-group-dissolve"),
    path(f"{NEED_GROUP}take-in/", priorities.need_group_take, name="need-group-take"),
    path(f"{NEED_GROUP}join/", priorities.need_group_join, name="need-group-join"),
    path(f"{NEED_GROUP}not-this-period/", priorities.need_group_leave, name="need-group-leave"),
    path(f"{NEED_GROUP}undo/", priorities.need_group_reopen, name="need-group-reopen"),
    path(f"{ONE}priorities/", priorities.priority_list, name="priority-list"),
    path(f"{ONE}priorities/mark/", priorities.priority_mark, name="priority-mark"),
    path(f"{ONE}priorities/<slug:key>/unmark/", priorities.priority_unmark, name="priority-unmark"),
    path(f"{ONE}extra-fields/", settings.extra_field_list, name="extra-field-list"),
    path(f"{ONE}spreadsheet/", spreadsheets.spreadsheet, name="spreadsheet"),
    path(f"{ONE}spreadsheet/add/", spreadsheets.spreadsheet_add, name="spreadsheet-add"),
    path(f"{ONE}spreadsheet/<str:token>/", spreadsheets.spreadsheet_import, name="spreadsheet-import"),
    path(f"{ONE}spreadsheet/<str:token>/marked/", spreadsheets.spreadsheet_marked, name="spreadsheet-marked"),
    path(f"{ONE}goals/", listing.goal_list_page, name="goal-list"),
    path(f"{ONE}goals/add/", adding.goal_add, name="goal-add"),
    *(page for kind in THINGS for page in pages_of(kind)),
    path(f"{THINGS[GOAL]}move/", adding.goal_move, name="goal-move"),
    path(f"{THINGS[GOAL]}measures/add/", adding.action_add, name="action-add"),
    path(f"{THINGS[GOAL]}indicators/add/", adding.indicator_add, name="indicator-add"),
    path(f"{ONE}measures/change/", together.actions_change, name="actions-change"),
    path(f"{THINGS[ACTION]}move/", adding.action_move, name="action-move"),
    path(f"{THINGS[ACTION]}status/", standing.action_status, name="action-status"),
    path(f"{THINGS[INDICATOR]}values/", standing.indicator_values, name="indicator-values"),
]
