from plans.models.action import Action, ActionEuro, ActionQuerySet, ActionRole, StatusEntry
from plans.models.extra import ExtraField
from plans.models.goal import Goal, GoalQuerySet, Indicator, IndicatorValue
from plans.models.plan import ChapterFeed, NeedDecision, Plan
from plans.models.priority import NeedGroup, NeedGroupItem, Priority
from plans.models.source import Candidate, KeptApart, Source, SourceQuerySet

__all__ = [
    "Action",
    "ActionEuro",
    "ActionQuerySet",
    "ActionRole",
    "Candidate",
    "ChapterFeed",
    "ExtraField",
    "Goal",
    "GoalQuerySet",
    "Indicator",
    "IndicatorValue",
    "KeptApart",
    "NeedDecision",
    "NeedGroup",
    "NeedGroupItem",
    "Plan",
    "Priority",
    "Source",
    "SourceQuerySet",
    "StatusEntry",
]
