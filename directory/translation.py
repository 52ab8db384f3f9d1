"""Which labels and texts have a column for each language."""

from modeltranslation.translator import TranslationOptions, register

from directory.models import MeetingPlace, Service


@register(Service)
class ServiceTranslation(TranslationOptions):
    fields = ("name", "description")
    required_languages = {"fi": ("name",)}


@register(MeetingPlace)
class MeetingPlaceTranslation(TranslationOptions):
    fields = ("name", "opening_hours", "exceptions", "summer", "registration", "programme", "step_free_note")
    required_languages = {"fi": ("name",)}
