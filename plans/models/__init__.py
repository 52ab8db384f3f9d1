from plans.models.action import Action, ActionEuro, ActionQuerySet, ActionRole, StatusEntry
from plans.models.goal import Goal, GoalQuerySet, Indicator, IndicatorValue
from plans.models.plan import ChapterFeed, NeedDecision, Plan
from plans.models.source import Candidate, Source, SourceQuerySet

__all__ = [
    "Action",
    "ActionEuro",
    "ActionQuerySet",
    "ActionRole",
    "Candidate",
    "ChapterFeed",
    "Goal",
    "GoalQuerySet",
    "Indicator",
    "IndicatorValue",
    "NeedDecision",
    "Plan",
    "Source",
    "SourceQuerySet",
    "StatusEntry",
]
