"""The paragraph that bears a priority: which needs, of which areas, are behind it.

The needs of all groups that were taken into a priority or joined to it are the sources of one paragraph of its section.
"""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from documents.blocks import PARAGRAPH, Block, Texts, original_hash
from documents.models import Document, Revision, Section
from documents.services.structured import append_blocks, save_structured
from handbooks.models import Handbook
from plans.blocks import to_html
from plans.models import NeedGroup, NeedGroupItem, Plan, Priority, Source
from plans.services.lines import place_labels


def tie_groups(plan: Plan, groups: Iterable[NeedGroup], *, freed: Iterable[str], by: User | None) -> None:
    """Make the sources of the groups' priorities agree with what is now in the groups."""
    ids = {group.priority_id for group in groups if group.priority_id}
    gone = list(freed)
    for priority in Priority.objects.standing().select_related("section").filter(pk__in=ids).order_by("pk"):
        priority.plan = plan
        tie(priority, freed=gone, by=by)


def tie(priority: Priority, *, freed: Iterable[str] = (), by: User | None) -> None:
    """Tie the needs of a priority's groups to its paragraph, and untie those in `freed` that are in none of them.

    The paragraph is the first of the section, or written here when there is none: it names the areas. While nobody has
    changed that sentence it follows the groups. Sources that a person tied to the paragraph stay.
    """
    plan = priority.plan
    section = Section.objects.select_related("document__region", "head").get(pk=priority.section_id)
    items = list(
        NeedGroupItem.objects.filter(group__priority=priority).select_related("version").order_by("handbook", "pk")
    )
    wanted = {item.block_id: item for item in items}
    bearer = _bearer(priority, section)
    before = _places(plan, bearer.id) if bearer else []
    if bearer is None:
        if not items:
            return
        bearer = _write(priority, section, _sentence(section.document, _handbooks(items)), by)
    rows = plan.sources.filter(block_id=bearer.id)
    rows.filter(source_block_id__in=set(freed) - wanted.keys()).delete()
    known = set(rows.values_list("source_block_id", flat=True))
    Source.objects.bulk_create(
        Source(
            region_id=plan.region_id,
            plan=plan,
            block_id=bearer.id,
            handbook_id=item.handbook_id,
            version=item.version,
            source_block_id=item.block_id,
            section_key=item.section_key,
            section_label=item.section_label,
            text_hash=item.text_hash,
            quote=item.quote,
        )
        for key, item in wanted.items()
        if key not in known
    )
    after = _places(plan, bearer.id)
    if after != before and after and bearer.text.get("body") == _sentence(section.document, before):
        save_structured(
            section, by=by, change=[_paragraph(section.document, _sentence(section.document, after), bearer.id)]
        )


def is_only_ours(priority: Priority, section: Section) -> bool:
    """Whether the section holds nothing that a person wrote: then it can go when its decision is undone."""
    blocks = section.blocks
    if section.children.filter(removed_at=None).exists() or len(blocks) > 1:
        return False
    if not blocks:
        return True
    own = _sentence(section.document, _places(priority.plan, blocks[0].id))
    return blocks[0].id == priority.block_id and blocks[0].text.get("body") == own


def _bearer(priority: Priority, section: Section) -> Block | None:
    """The paragraph that bears the needs, if it stands; else the section's first one, which then does."""
    own = next((block for block in section.blocks if block.id == priority.block_id), None)
    if own is None:
        own = next((block for block in section.blocks if block.kind == PARAGRAPH), None)
        if own is not None:
            priority.block_id = own.id
            priority.save(update_fields=["block_id"])
    return own


def _write(priority: Priority, section: Section, text: Texts, by: User | None) -> Block:
    [block] = append_blocks(section, [_paragraph(section.document, text)], by=by, origin=Revision.Origin.COMPILED)
    priority.block_id = block.id
    priority.save(update_fields=["block_id"])
    return block


def _paragraph(document: Document, text: Texts, block_id: str = "") -> Block:
    block = Block(id=block_id, kind=PARAGRAPH, text={"body": text})
    shown = original_hash(block, document.original)
    return Block(
        block_id, PARAGRAPH, block.text, {}, {language: shown for language in text if language != document.original}
    )


def _handbooks(items: Iterable[NeedGroupItem]) -> list[Handbook]:
    return _in_order({item.handbook_id for item in items})


def _places(plan: Plan, block_id: str) -> list[Handbook]:
    """The handbooks that a paragraph's sources come from."""
    return _in_order(set(plan.sources.filter(block_id=block_id).values_list("handbook_id", flat=True)))


def _in_order(document_ids: set[int]) -> list[Handbook]:
    return list(
        Handbook.objects.filter(document_id__in=document_ids)
        .select_related("area", "municipality")
        .order_by("area__position", "pk")
    )


def _sentence(document: Document, handbooks: Sequence[Handbook]) -> Texts:
    """In each language of the plan, which areas' needs the priority answers."""
    places = [place_labels(handbook, document.languages) for handbook in handbooks]
    result = {}
    for language in document.languages:
        names = ", ".join(dict.fromkeys(place[language] for place in places))
        with override(language):
            result[language] = to_html(
                _("The priority answers needs that these areas raised: %(areas)s.") % {"areas": names}
            )
    return result
