"""Templates and handbooks, made through the services that the browser uses."""

import io
from pathlib import Path

import docx
import yaml
from django.conf import settings

from criteria.reference import load_criteria_sets
from handbooks.services.handbooks import create_handbook
from handbooks.services.imports import import_file, prepare_import
from handbooks.services.templates import load_template
from tests.regions.factories import AreaFactory, BodyFactory, MembershipFactory, RegionFactory

SAMPLE = Path(settings.BASE_DIR) / "familycentre" / "sample"

SMALL = {
    "key": "pieni",
    "title": {"fi": "Pieni käsikirja", "sv": "Liten handbok"},
    "languages": ["fi", "sv"],
    "criteria_set": "sample-2025",
    "sections": [
        {
            "key": "johtaminen",
            "heading": {"fi": "Johtaminen", "sv": "Ledning"},
            "criterion": "management",
            "sections": [
                {
                    "key": "johtaminen-nykytila",
                    "heading": {"fi": "Nykytila", "sv": "Nuläge"},
                    "facet": "current_state",
                    "criterion": "management",
                    "guidance": {"fi": "<p>Kuvatkaa johtamista.</p>", "sv": "<p>Beskriv ledningen.</p>"},
                },
                {
                    "key": "johtaminen-tarpeet",
                    "heading": {"fi": "Kehittämistarpeet", "sv": "Utvecklingsbehov"},
                    "facet": "development_need",
                    "criterion": "management",
                },
            ],
        },
        {
            "key": "kohtaamispaikat",
            "heading": {"fi": "Kohtaamispaikat", "sv": "Mötesplatser"},
            "criterion": "meeting_place",
            "sections": [
                {
                    "key": "kohtaamispaikat-nykytila",
                    "heading": {"fi": "Nykytila", "sv": "Nuläge"},
                    "facet": "current_state",
                    "criterion": "meeting_place",
                }
            ],
        },
    ],
}


def sample_template():
    return yaml.safe_load((SAMPLE / "templates" / "perhekeskuskasikirja.yaml").read_text(encoding="utf-8"))


def sample_file(name):
    return (SAMPLE / "19" / "kasikirjat" / f"{name}.docx").read_bytes()


def make_template(region=None, data=None):
    load_criteria_sets()
    return load_template(region or RegionFactory(bilingual=True), data or SMALL, by=None)


def make_handbook(region=None, data=None, *, year=2022, **kwargs):
    """A handbook of an area with a writing group."""
    loaded = make_template(region, data)
    region = loaded.template.region
    kwargs.setdefault("area", AreaFactory(region=region))
    kwargs.setdefault("writing_body", BodyFactory(region=region))
    return create_handbook(loaded.version, year=year, by=None, **kwargs)


def writer_of(handbook):
    return MembershipFactory(body=handbook.document.writing_body).user


def make_docx(*parts):
    """A Word file: ("h1", text), ("h2", text), ("p", text), ("li", text), ("table", rows) or plain text."""
    file = docx.Document()
    for part in parts:
        kind, value = part if isinstance(part, tuple) else ("p", part)
        if kind == "table":
            table = file.add_table(rows=0, cols=len(value[0]))
            for row in value:
                cells = table.add_row().cells
                for cell, text in zip(cells, row, strict=True):
                    cell.text = text
        elif kind == "li":
            file.add_paragraph(value, style="List Bullet")
        elif kind == "picture":
            file.add_picture(io.BytesIO(value))
        elif kind.startswith("h"):
            file.add_heading(value, level=int(kind[1]))
        else:
            file.add_paragraph(value)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def bring(handbook, content, *, language="fi", tracked="", **kwargs):
    """Read a file and import it as it was placed."""
    word_import = prepare_import(
        handbook, content=content, name="käsikirja.docx", language=language, by=None, tracked=tracked
    )
    return import_file(word_import, by=None, **kwargs)


def texts(handbook, key, language="fi"):
    section = handbook.document.sections.select_related("head").get(key=key)
    return [text for block in section.head.blocks if (text := block.plain_in(language))] if section.head else []
