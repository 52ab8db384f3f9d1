"""Which labels have a column for each language."""

from modeltranslation.translator import TranslationOptions, register

from criteria.models import AssessmentScale, CriteriaGroup, CriteriaSet, Criterion, ScaleStep


@register([AssessmentScale, CriteriaSet, CriteriaGroup])
class NameTranslation(TranslationOptions):
    fields = ("name",)
    required_languages = ("fi",)


@register(ScaleStep)
class ScaleStepTranslation(TranslationOptions):
    fields = ("label", "description")
    required_languages = {"fi": ("label",)}


@register(Criterion)
class CriterionTranslation(TranslationOptions):
    fields = ("title", "description")
    required_languages = {"fi": ("title",)}
