"""Which labels have a column for each language."""

from modeltranslation.translator import TranslationOptions, register

from regions.models import Area, Body, CollaborativeArea, Municipality, Organisation, OrganisationGroup, Region


@register([Region, CollaborativeArea, Municipality, Area, Body, OrganisationGroup])
class NameTranslation(TranslationOptions):
    fields = ("name",)
    required_languages = ("fi",)


@register(Organisation)
class OrganisationTranslation(TranslationOptions):
    fields = ("name", "short_name")
    required_languages = {"fi": ("name",)}
