import re

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates, TemplatesSetting


@pytest.mark.parametrize("widget", [forms.Select, forms.SelectMultiple])
@pytest.mark.parametrize("value", ["", "2", ["1", "b"]])
def test_list_to_choose_from_is_drawn_as_django_draws_it(widget, value):
    choices = [("", "Kaikki & muut"), ("Ryhmä <1>", [(1, "Yksi"), (2, "Kaksi")]), ("b", "<b>")]
    drawn = [
        re.sub(
            r"\s*\n\s*",
            "",
            widget(attrs={"required": True, "id": "x"}, choices=choices).render("n", value, None, own()),
        )
        for own in (TemplatesSetting, DjangoTemplates)
    ]

    assert drawn[0] == drawn[1]
    assert drawn[0].count("<option") == 4
