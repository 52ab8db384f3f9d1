"""What the gallery page shows: every component in every state, with invented content."""

import datetime
from typing import Any

import django_tables2 as tables
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from familycentre.templatetags.components import BADGES


class GalleryForm(forms.Form):
    """One field of each sort."""

    name = forms.CharField(label=gettext_lazy("Name of the goal"), help_text=gettext_lazy("One sentence."))
    email = forms.EmailField(label=gettext_lazy("E-mail address"), required=False)
    deadline = forms.DateField(label=gettext_lazy("Answer by"), help_text=gettext_lazy("For example 13.11.2026."))
    area = forms.ChoiceField(
        label=gettext_lazy("Operational area"), choices=[("oulu", "Oulu"), ("rannikko", "Rannikko")]
    )
    resources = forms.MultipleChoiceField(
        label=gettext_lazy("Resources"),
        choices=[("own", gettext_lazy("Own work")), ("budget", gettext_lazy("In the budget"))],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Choose all that apply."),
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"),
        choices=[("yes", gettext_lazy("Taken into account")), ("no", gettext_lazy("No change to the text"))],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    attachment = forms.FileField(label=gettext_lazy("Attachment"), required=False)
    agree = forms.BooleanField(label=gettext_lazy("Send me a copy"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.include_media = False
        self.helper.layout = Layout(
            Fieldset(_("Goal"), "name", "email", "deadline", "area"),
            Fieldset(_("Answer"), "resources", "outcome", "text", "attachment", "agree"),
        )


class ActionTable(tables.Table):
    """Actions as a list that sorts; on a phone each row is a small sheet."""

    number = tables.Column(verbose_name=gettext_lazy("No."))
    action = tables.Column(verbose_name=gettext_lazy("Action"))
    responsible = tables.Column(verbose_name=gettext_lazy("Responsible"))
    euros = tables.Column(
        verbose_name=gettext_lazy("Euros"), attrs={"td": {"class": "fc-number"}, "th": {"class": "fc-number"}}
    )

    class Meta:
        attrs = {"class": "fc-table fc-table--stack"}

    caption = gettext_lazy("Actions of goal 3")

    def render_euros(self, value: int) -> str:
        return formats.number_format(value, force_grouping=True)


ACTIONS = [
    {"number": 1, "action": "Perhekahvila avataan jokaiseen kuntaan", "responsible": "Kunnat", "euros": 42000},
    {"number": 2, "action": "Vertaisryhmät erotilanteisiin", "responsible": "Järjestöt", "euros": 8500},
    {"number": 3, "action": "Yhteinen perehdytys uusille työntekijöille", "responsible": "Hyvinvointialue", "euros": 0},
]


def gallery_context(request: HttpRequest) -> dict[str, Any]:
    """Everything on the gallery page. The table and the list of pages follow the address."""
    table = ActionTable(ACTIONS, order_by=request.GET.get("sort") or "number")
    answers = {"faulty-name": "", "faulty-deadline": "31.2.2026", "faulty-email": "liisa", "faulty-area": "oulu"}
    faulty = GalleryForm(answers, prefix="faulty")
    pages = Paginator(range(200), 10)
    today = datetime.date(2026, 2, 25)
    return {
        "crumbs": [(_("Front page"), "/"), (pgettext("list of regions", "Regions"), "#"), (_("Gallery"), "")],
        "form": GalleryForm(prefix="good"),
        "faulty_form": faulty,
        "badges": list(BADGES),
        "table": table,
        "page_obj": pages.get_page(request.GET.get("page", "7")),
        "tabs": [(_("Text"), "#tabs", True), (_("Comments"), "#tabs-2", False), (_("History"), "#tabs-3", False)],
        "phases": [
            (_("Handbooks"), "done", "30.4."),
            (_("Compiling"), "done", "15.8."),
            (_("Statements"), "current", _("until 13.11.")),
            (pgettext("phase of a plan", "Decision"), "coming", ""),
            (pgettext("phase of a plan", "Follow-up"), "coming", ""),
        ],
        "events": [
            {
                "when": formats.date_format(today, "SHORT_DATE_FORMAT"),
                "title": _("Version 3 approved"),
                "text": _("The board approved the plan with two changes."),
                "url": "",
                "sign": "success",
            },
            {
                "when": formats.date_format(today - datetime.timedelta(days=40), "SHORT_DATE_FORMAT"),
                "title": _("Saved as version 2"),
                "text": "",
                "url": "#timeline",
                "sign": "lock",
            },
            {
                "when": formats.date_format(today - datetime.timedelta(days=90), "SHORT_DATE_FORMAT"),
                "title": _("Comment round opened"),
                "text": "",
                "url": "",
                "sign": "comment",
            },
        ],
        "sections": [
            {
                "number": "1",
                "title": "Johdanto",
                "url": "#outline",
                "current": False,
                "states": [("ready", "fi"), ("current", "sv")],
                "children": [],
            },
            {
                "number": "2",
                "title": "Perhekeskus alueellamme",
                "url": "#outline",
                "current": False,
                "states": [("draft", "fi"), ("missing", "sv")],
                "children": [
                    {
                        "number": "2.1",
                        "title": "Kohtaamispaikat ja avoin toiminta",
                        "url": "#outline",
                        "current": True,
                        "states": [("ready", "fi"), ("behind", "sv")],
                        "children": [],
                    },
                    {
                        "number": "2.2",
                        "title": "Varhainen tuki",
                        "url": "#outline",
                        "current": False,
                        "states": [("conflict", "fi")],
                        "children": [],
                    },
                ],
            },
        ],
        "diff": [
            ("same", "Perhekeskus kokoaa "),
            ("removed", "palvelut"),
            ("added", "lasten, nuorten ja perheiden palvelut"),
            ("same", " yhteen verkostoksi."),
        ],
        "chart": [("2023", 18), ("2024", 23), ("2025", 31)],
        "meeting_at": datetime.time(16, 0),
        "sample": True,
    }
