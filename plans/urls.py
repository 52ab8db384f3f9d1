"""Addresses of plans: `/<region>/plan/<public id>/…`, beside those of their documents."""

from django.urls import path

from plans.views import compiling, goals, plan

app_name = "plans"

ONE = "<slug:region>/plan/<slug:public_id>/"
CHAPTER = f"{ONE}compile/<slug:key>/"
GOAL = f"{ONE}goals/<slug:goal_id>/"
ACTION = f"{ONE}measures/<slug:action_id>/"
INDICATOR = f"{ONE}indicators/<slug:indicator_id>/"

urlpatterns = [
    path("<slug:region>/plan/new/", plan.plan_new, name="plan-new"),
    path(f"{ONE}to-complete/", plan.loose_end_list, name="loose-end-list"),
    path(f"{ONE}to-complete/not-this-period/", plan.need_decide, name="need-decide"),
    path(f"{ONE}to-complete/answer/", plan.need_answer, name="need-answer"),
    path(f"{ONE}criteria/", plan.criterion_summary, name="criterion-summary"),
    path("<slug:region>/handbook/<slug:public_id>/uses/<slug:plan_id>/", plan.handbook_use, name="handbook-use"),
    path(f"{ONE}compile/", compiling.compile_desk_page, name="compile-desk"),
    path(f"{ONE}compile-now/", compiling.plan_compile, name="plan-compile"),
    path(CHAPTER, compiling.chapter_detail, name="chapter-detail"),
    path(f"{CHAPTER}feed/", compiling.feed_edit, name="feed-edit"),
    path(f"{CHAPTER}answers/take/", compiling.lines_take, name="lines-take"),
    path(f"{CHAPTER}answers/leave/", compiling.lines_leave, name="lines-leave"),
    path(f"{CHAPTER}seen/<slug:block_id>/<slug:source_block_id>/", compiling.source_seen, name="source-seen"),
    path(f"{CHAPTER}proposals/take/", compiling.candidates_take, name="candidates-take"),
    path(f"{CHAPTER}proposals/join/", compiling.candidates_join, name="candidates-join"),
    path(f"{CHAPTER}proposals/leave/", compiling.candidates_leave, name="candidates-leave"),
    path(f"{ONE}goals/", goals.goal_list_page, name="goal-list"),
    path(f"{ONE}goals/add/", goals.goal_add, name="goal-add"),
    path(f"{GOAL}edit/", goals.goal_edit, name="goal-edit"),
    path(f"{GOAL}move/", goals.goal_move, name="goal-move"),
    path(f"{GOAL}up/", goals.goal_up, name="goal-up"),
    path(f"{GOAL}down/", goals.goal_down, name="goal-down"),
    path(f"{GOAL}remove/", goals.goal_remove, name="goal-remove"),
    path(f"{GOAL}measures/add/", goals.action_add, name="action-add"),
    path(f"{GOAL}indicators/add/", goals.indicator_add, name="indicator-add"),
    path(f"{ACTION}edit/", goals.action_edit, name="action-edit"),
    path(f"{ACTION}up/", goals.action_up, name="action-up"),
    path(f"{ACTION}down/", goals.action_down, name="action-down"),
    path(f"{ACTION}remove/", goals.action_remove, name="action-remove"),
    path(f"{ACTION}status/", goals.action_status, name="action-status"),
    path(f"{INDICATOR}edit/", goals.indicator_edit, name="indicator-edit"),
    path(f"{INDICATOR}up/", goals.indicator_up, name="indicator-up"),
    path(f"{INDICATOR}down/", goals.indicator_down, name="indicator-down"),
    path(f"{INDICATOR}remove/", goals.indicator_remove, name="indicator-remove"),
]
