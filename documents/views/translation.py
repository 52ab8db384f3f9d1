"""Translating: one section beside its original, and the list of what a language still lacks."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.forms import PlainForm
from accounts.http import Request
from documents.blocks import BEHIND, CURRENT, FIGURE, MISSING, Block
from documents.glossary import glossary_of
from documents.models import Document, Section
from documents.permissions import can_change_outline, can_edit
from documents.queries import Outline, OutlineRow, outline_of
from documents.rendering import image_url, language_name, plain_languages
from documents.services.sections import Saved
from documents.services.translation import (
    SHORT_TEXTS,
    BlockTranslation,
    ShortTranslation,
    can_pair,
    pair_blocks,
    save_translations,
    translate_heading,
    translate_title,
)
from documents.translation import (
    Pair,
    ShortPair,
    Written,
    as_written,
    behind_hashes,
    copied_name,
    document_pair,
    field_name,
    from_written,
    heading_days,
    heading_pair,
    pairs_of,
    seen_originals,
    units_to_translate,
    way_of_writing,
)
from documents.views.finding import address, document_crumbs, find_draft, find_section, first_error, require
from documents.views.saving import base_revision, clock
from regions.permissions import Rights

LONGEST_HEADING = 200


def require_translated(document: Document, language: str) -> None:
    """404 for a language that the document is not translated into."""
    if language not in document.languages[1:]:
        raise Http404


# --- One section ----------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def section_translate(
    request: Request, region: str, kind: str, public_id: str, key: str, language: str
) -> HttpResponse:
    """A section beside its original, block beside block. POST saves the translation."""
    document, rights = find_draft(request, region, kind, public_id)
    require_translated(document, language)
    section = find_section(document, key)
    if request.method == "POST":
        require(can_edit(rights, document))
        return _save(request, document, section, language, rights)
    written = _originals_as_start(section, language, document) if "fill" in request.GET else Written()
    context = _page(request, document, section, language, rights, written=written)
    return render(request, "documents/translation_section.html", context)


def _originals_as_start(section: Section, language: str, document: Document) -> Written:
    """The original's words in every empty box. Nothing is saved: a copy is no translation."""
    values = {
        (block.id, unit): as_written(block.get(unit, document.original), way_of_writing(block, unit))
        for block in section.blocks
        for unit in units_to_translate(block, language, document.original)
        if not block.get(unit, language)
    }
    return Written(values, frozenset(values))


@dataclass(frozen=True)
class _Sent:
    """What came from the page."""

    translations: list[BlockTranslation]
    written: Written
    left_as_copied: int
    """Boxes that hold the copied original as it was."""


def _sent(request: Request, section: Section, start: Sequence[Block], language: str, original: str) -> _Sent:
    confirmed = set(request.POST.getlist("confirm"))
    order = [block.id for block in start]
    translations: list[BlockTranslation] = []
    values: dict[tuple[str, str], str] = {}
    copies: set[tuple[str, str]] = set()
    left = 0
    for block in start:
        changed: dict[str, str] = {}
        for unit in units_to_translate(block, language, original):
            value = request.POST.get(field_name(block.id, unit))
            if value is None:
                continue
            way = way_of_writing(block, unit)
            values[block.id, unit] = value
            is_copy = copied_name(block.id, unit) in request.POST and _same_as_original(value, block, unit, original)
            if is_copy:
                copies.add((block.id, unit))
                left += 1
            elif _differs(value, block, unit, language, way):
                changed[unit] = from_written(value, way, block)
        if changed or block.id in confirmed:
            translations.append(
                BlockTranslation(block, section.pk, changed, confirmed=block.id in confirmed, order=order)
            )
    return _Sent(translations, Written(values, frozenset(copies)), left)


def _same_as_original(value: str, block: Block, unit: str, original: str) -> bool:
    way = way_of_writing(block, unit)
    return from_written(value, way, block) == from_written(as_written(block.get(unit, original), way), way, block)


def _differs(value: str, block: Block, unit: str, language: str, way: str) -> bool:
    """Whether somebody wrote in the box; what plain lines cannot show of an untouched text stays."""
    return from_written(value, way, block) != from_written(as_written(block.get(unit, language), way), way, block)


def _save(request: Request, document: Document, section: Section, language: str, rights: Rights) -> HttpResponse:
    written = Written(
        {
            (block_id, unit): value
            for name, value in request.POST.items()
            for block_id, unit in [_parsed(name)]
            if isinstance(value, str) and block_id
        }
    )
    heading, seen = request.POST.get("heading"), request.POST.get("heading-seen", "")
    client_key = request.POST.get("client_key", "")
    try:
        base = base_revision(section, request.POST.get("base", ""))
        sent = _sent(request, section, base.blocks if base else [], language, document.original)
        written = sent.written
        heading_changed = False
        with transaction.atomic():
            if heading is not None and can_change_outline(rights, document):
                heading_changed = translate_heading(
                    section,
                    language=language,
                    text=_checked_heading(heading),
                    seen=seen,
                    made_from=request.POST.get("heading-original"),
                    confirmed="heading" in request.POST.getlist("confirm"),
                    by=request.user,
                )
            saved = save_translations(
                document,
                sent.translations,
                language=language,
                by=request.user,
                client_key=_client_key(client_key, language, request) if client_key else "",
            )
            paired, _separator, with_original = request.POST.get("pair", "").partition(":")
            if paired:
                pair_blocks(section, block_id=paired, original_id=with_original, language=language, by=request.user)
    except ValidationError as error:
        section = find_section(document, section.key)
        context = _page(request, document, section, language, rights, written=written) | {
            "error": first_error(error),
            "base": request.POST.get("base", ""),
            "client_key": client_key,
        }
        if heading is not None:
            context["heading_value"] = heading
        return render(request, "documents/translation_section.html", context, status=422)
    if paired:
        messages.success(request, _("The two texts are now one text in two languages."))
        return redirect(f"{address(document, 'section-translate', section.key, language)}#p-{with_original}")
    _tell(request, saved, heading_changed=heading_changed, left_as_copied=sent.left_as_copied)
    return redirect(_after(request, document, section, language, saved))


def _parsed(name: str) -> tuple[str, str]:
    prefix, _separator, rest = name.partition("-")
    block_id, _separator, unit = rest.partition("-")
    return (block_id, unit) if prefix == "t" and unit else ("", "")


def _client_key(sent: str, language: str, request: Request) -> str:
    ours = ("t-", "copied-", "confirm", "heading")
    parts = [
        sent,
        language,
        *(f"{name}\n{value}" for name, value in sorted(request.POST.items()) if name.startswith(ours)),
    ]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def _checked_heading(text: str) -> str:
    if len(text) > LONGEST_HEADING:
        raise ValidationError(
            _("The heading may be at most %(count)d characters long.") % {"count": LONGEST_HEADING},
            code="heading_too_long",
        )
    return text


def _tell(request: Request, saved: Sequence[Saved], *, heading_changed: bool, left_as_copied: int) -> None:
    when = {"clock": clock()}
    if any(row.conflicts for row in saved):
        messages.warning(
            request,
            _(
                "Saved at %(clock)s. Somebody else had changed the same translation. Both texts are saved: choose "
                "on the page of the section which one stays."
            )
            % when,
        )
    elif any(row.merged for row in saved):
        messages.success(
            request,
            _("Saved at %(clock)s. Someone else had edited this section too: both changes are in the text.") % when,
        )
    elif heading_changed or any(not row.unchanged for row in saved):
        messages.success(request, _("Saved at %(clock)s") % when)
    else:
        messages.info(request, _("There was nothing new to save."))
    if left_as_copied:
        messages.warning(
            request,
            _("Texts that still read as the original does were not saved as a translation: %(count)d.")
            % {"count": left_as_copied},
        )


def _after(request: Request, document: Document, section: Section, language: str, saved: Sequence[Saved]) -> str:
    """The same page at the block that was confirmed, or the next section with something left to do."""
    here = address(document, "section-translate", section.key, language)
    if "next" in request.POST and not any(row.conflicts for row in saved):
        rows = outline_of(document).rows
        place = next((index for index, row in enumerate(rows) if row.section.pk == section.pk), 0)
        for row in [*rows[place + 1 :], *rows[:place]]:
            if _is_left(row, language):
                return address(document, "section-translate", row.section.key, language)
        return address(document, "translation-list", language)
    confirmed = request.POST.get("confirm", "")
    return f"{here}#p-{confirmed}" if confirmed.isalnum() else here


def _is_left(row: OutlineRow, language: str) -> bool:
    counts = row.to_translate[language]
    return bool(counts[MISSING] or counts[BEHIND])


def _page(
    request: Request,
    document: Document,
    section: Section,
    language: str,
    rights: Rights,
    *,
    written: Written,
) -> dict[str, Any]:
    outline = outline_of(document)
    row = outline.by_key[section.key]
    original = document.original
    seen = seen_originals(document, behind_hashes(row.blocks, language, original))
    glossary = glossary_of(document.region_id, source=original, target=language)
    pairs = pairs_of(
        row.blocks,
        language,
        original=original,
        resolved=outline.resolved,
        seen=seen,
        written=written,
        hints=glossary.hints_of(row.blocks),
    )
    pairs = [
        replace(pair, picture=image_url(document, str(pair.block.data.get("file", ""))))
        if pair.block.kind == FIGURE
        else pair
        for pair in pairs
    ]
    days = heading_days(document, [section], language)
    heading_shown = heading_pair(section, language, original, days.get(section.key))
    pairs = [replace(pair, nearby=_nearby(pairs, place, language, original)) for place, pair in enumerate(pairs)]
    counts = Counter([heading_shown.state, *(pair.state for pair in pairs)])
    before, after = outline.neighbours(row)
    heading = section.heading.get(language, "")
    named = language_name(language)
    return _languages(document, language) | {
        "document": document,
        "region": document.region,
        "crumbs": document_crumbs(
            document,
            (_("Translation"), address(document, "translation-list", language)),
            (f"{row.number} {section.heading_in(original)}".strip(), ""),
        ),
        "section": section,
        "row": row,
        "pairs": pairs,
        "missing": counts[MISSING],
        "behind": counts[BEHIND],
        "current": counts[CURRENT],
        "heading_original": heading_shown.original,
        "heading_pair": heading_shown,
        "heading_value": heading,
        "heading_seen": heading,
        "heading_hints": glossary.hints(section.heading.get(original, "")),
        "base": section.head.number if section.head else 0,
        "client_key": uuid.uuid4().hex,
        "error": "",
        "has_empty": any(part.missing for pair in pairs for part in pair.parts),
        "filled": bool(written.copied),
        "before": before,
        "after": after,
        "draft_key": f"{document.public_id}/{section.key}/{language}",
        "box_label": _("Translation (%(language)s)") % {"language": named},
        "may_edit": can_edit(rights, document),
        "may_change_heading": can_change_outline(rights, document),
        "languages": [
            (code, name, address(document, "section-translate", section.key, code), code == language)
            for code, name in plain_languages(document.languages[1:])
        ]
        if len(document.languages) > 2
        else [],
    }


def _nearby(pairs: Sequence[Pair], place: int, language: str, original: str) -> list[tuple[str, str]]:
    """The nearest untranslated texts before and behind one that stands in the translation's language alone."""
    block = pairs[place].block
    fits = [row for row in pairs if can_pair(block, row.block, language, original)]
    before = [row for row in fits if row.number < pairs[place].number][-1:]
    behind = [row for row in fits if row.number > pairs[place].number][:1]
    return [(row.id, f"{row.number}. {row.label}") for row in [*before, *behind]]


def _languages(document: Document, language: str) -> dict[str, Any]:
    names = dict(plain_languages(document.languages))
    return {
        "language": language,
        "original": document.original,
        "language_name": names[language],
        "original_name": names[document.original],
        "language_within": language_name(language),
        "original_within": language_name(document.original),
    }


# --- What a language still lacks ------------------------------------------------------------------------


@dataclass(frozen=True)
class SectionLeft:
    """A section with what its translation lacks."""

    row: OutlineRow
    url: str
    missing: int
    behind: int
    heading: ShortPair
    pairs: list[Pair]

    @property
    def waiting(self) -> int:
        """How many texts are listed."""
        return len(self.pairs) + self.heading.left


def sections_left(outline: Outline, language: str) -> list[SectionLeft]:
    """Every section that has something missing or behind, with what changed in its original."""
    document = outline.document
    wanted = behind_hashes(outline.blocks, language, document.original)
    seen = seen_originals(document, wanted)
    days = heading_days(document, [row.section for row in outline.rows], language)
    rows: list[SectionLeft] = []
    for row in outline.rows:
        if not _is_left(row, language):
            continue
        pairs = pairs_of(row.blocks, language, original=document.original, resolved=outline.resolved, seen=seen)
        rows.append(
            SectionLeft(
                row=row,
                url=address(document, "section-translate", row.section.key, language),
                missing=row.to_translate[language][MISSING],
                behind=row.to_translate[language][BEHIND],
                heading=heading_pair(row.section, language, document.original, days.get(row.section.key)),
                pairs=[pair for pair in pairs if pair.left],
            )
        )
    return rows


class TitleForm(PlainForm):
    """The title, the short description and the cover's text alternative in a language that they are translated into.

    Brings along which original and which translation were on the page.
    """

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    description = forms.CharField(
        label=gettext_lazy("Short description"), required=False, max_length=1000, widget=forms.Textarea({"rows": 3})
    )
    cover_alt = forms.CharField(
        label=gettext_lazy("Text alternative of the cover image"), max_length=500, required=False
    )
    confirmed = forms.BooleanField(
        label=gettext_lazy("What I do not change here is still right for the original as it now is"), required=False
    )

    def __init__(self, *args: Any, document: Document, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pairs = {name: document_pair(document, name, language) for name in SHORT_TEXTS}
        if not document.cover:
            del self.fields["cover_alt"], self.pairs["cover_alt"]
        for name, pair in self.pairs.items():
            field = self.fields[name]
            field.initial = pair.value
            field.widget.attrs["lang"] = language
            field.help_text = pair.original
            for kept, value in (("made_from", pair.original), ("seen", pair.value)):
                self.fields[f"{kept}_{name}"] = forms.CharField(
                    initial=value, required=False, strip=False, widget=forms.HiddenInput
                )
        if not any(pair.may_confirm for pair in self.pairs.values()):
            del self.fields["confirmed"]

    @property
    def texts(self) -> dict[str, ShortTranslation]:
        """What was sent, by name."""
        data = self.cleaned_data
        return {
            name: ShortTranslation(
                _as_stored(data[name], pair.value),
                _as_stored(data[f"seen_{name}"], pair.value),
                _as_stored(data[f"made_from_{name}"], pair.original),
            )
            for name, pair in self.pairs.items()
        }

    def show_anew(self) -> None:
        """Note that the page shows what stands there now, so that saving once more is done in the knowledge of it."""
        now = {f"seen_{name}": pair.value for name, pair in self.pairs.items()}
        now |= {f"made_from_{name}": pair.original for name, pair in self.pairs.items()}
        self.data = {name: self.data[name] for name in self.data} | now


def _as_stored(sent: str, stored: str) -> str:
    """A browser ends lines in its own way; only for that a text is not another than the stored one."""
    return stored if sent.splitlines() == stored.splitlines() else sent


@require_http_methods(["GET", "POST"])
def translation_list(request: Request, region: str, kind: str, public_id: str, language: str) -> HttpResponse:
    """What of a document is not translated or not up to date. POST saves the title and the description."""
    document, rights = find_draft(request, region, kind, public_id)
    require_translated(document, language)
    may_change_title = can_change_outline(rights, document)
    form = TitleForm(request.POST or None, document=document, language=language)
    if request.method == "POST":
        require(may_change_title)
        if form.is_valid():
            try:
                translate_title(
                    document,
                    language=language,
                    texts=form.texts,
                    confirmed=form.cleaned_data.get("confirmed", False),
                    by=request.user,
                )
            except ValidationError as error:
                form.add_error(None, error)
                form.show_anew()
            else:
                messages.success(request, _("The changes were saved."))
                return redirect(address(document, "translation-list", language))
    outline = outline_of(document)
    left = sections_left(outline, language)
    totals: Counter[str] = Counter()
    for row in outline.rows:
        totals.update(row.to_translate[language])
    totals.update(pair.state for pair in form.pairs.values() if pair.original)
    context = _languages(document, language) | {
        "document": document,
        "region": document.region,
        "crumbs": document_crumbs(document, (_("Translation"), "")),
        "sections": left,
        "missing": totals[MISSING],
        "behind": totals[BEHIND],
        "current": totals[CURRENT],
        "total": sum(totals.values()),
        "form": form,
        "titles": [(form.fields[name].label, pair) for name, pair in form.pairs.items() if pair.left],
        "may_change_title": may_change_title,
        "languages": [
            (code, name, address(document, "translation-list", code), code == language)
            for code, name in plain_languages(document.languages[1:])
        ]
        if len(document.languages) > 2
        else [],
        "may_edit": can_edit(rights, document),
    }
    return render(request, "documents/translation_list.html", context, status=422 if form.errors else 200)
