"""What the front page and a person's own page show, over several packages."""

import datetime
from collections.abc import Container
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import User
from documents.models import Document, Publication
from documents.services.publishing import public_now
from documents.visits import unread_documents
from plans.digest import OwnNeeds, needs_of_handbooks
from regions.models import Body, Region
from regions.permissions import AnyUser, Rights, rights_of
from regions.queries import bodies_of
from reviews.rounds.own import AskedRound, remarks_waiting_for, rounds_asking


@dataclass(frozen=True)
class PublishedDocument:
    """One line of the list of published plans."""

    title: str
    region_name: str
    url: str
    published_on: datetime.date
    is_sample: bool


def published_documents() -> list[PublishedDocument]:
    """The published plans of every region, newest first; one query."""
    plans = public_now().filter(version__document__kind=Document.Kind.PLAN)
    return [_published(row) for row in plans]


def _published(row: Publication) -> PublishedDocument:
    document = row.version.document
    return PublishedDocument(
        title=str(document),
        region_name=document.region.name,
        url=row.version.get_absolute_url(),
        published_on=timezone.localdate(row.published_at),
        is_sample=document.is_sample,
    )


@dataclass(frozen=True)
class RegionGroup:
    """The regions of one collaborative area; `area` is empty for those that belong to none."""

    area: str
    links: list[tuple[str, str]] = field(default_factory=list)
    """Name and address of each; no address while a region is not in use."""


def regions_by_collaborative_area() -> list[RegionGroup]:
    """Every region under its collaborative area, in the order of their codes; one query.

    Names and not rows, and the address reversed once, because every visitor of the front page asks.
    """
    start = reverse("region", args=["x"]).removesuffix("x/")
    groups: dict[int | None, RegionGroup] = {}
    # The names of a related row come in all languages, the reader's own first.
    languages = dict.fromkeys([get_language() or "", *settings.MODELTRANSLATION_LANGUAGES])
    areas = [f"collaborative_area__name_{code}" for code in languages if code in settings.MODELTRANSLATION_LANGUAGES]
    rows = Region.objects.order_by("code").values_list("name", "slug", "public", "collaborative_area_id", *areas)
    for name, slug, public, area_id, *names in rows:
        group = groups.setdefault(area_id, RegionGroup(area=next(filter(None, names), "")))
        group.links.append((name, f"{start}{slug}/" if public else ""))
    return sorted(groups.values(), key=lambda group: not group.area)


@dataclass(frozen=True)
class OwnDocument:
    """A plan or handbook whose draft a person may read."""

    document: Document
    state: str
    """Name of its badge."""
    own_handbook: bool
    """A handbook that her own group writes."""
    unread: int = 0
    """In how many sections others have changed something since she last looked."""
    needs: OwnNeeds | None = None
    """What became of the needs of her own handbook, once a plan has grouped them."""
    remarks: int = 0
    """Remarks of respondents that she has been given and nobody has answered."""


@dataclass(frozen=True)
class OwnRegion:
    """A region where a person takes part: the bodies in which she does, what she writes, and what is public there."""

    region: Region
    bodies: list[Body] = field(default_factory=list)
    documents: list[OwnDocument] = field(default_factory=list)
    published: list[PublishedDocument] = field(default_factory=list)
    asking: list[AskedRound] = field(default_factory=list)
    """Rounds that wait for the answer of one of her bodies."""

    @property
    def shows_sample(self) -> bool:
        """Some of these documents are the sample's."""
        return any(row.document.is_sample for row in self.documents) or any(row.is_sample for row in self.published)

    @property
    def handbook_to_write(self) -> OwnDocument | None:
        """The handbook that her group has not handed in yet."""
        return next((row for row in self.documents if row.own_handbook and row.state == "draft"), None)

    @property
    def plan_to_write(self) -> OwnDocument | None:
        """The newest plan that is not public yet."""
        plans = [row for row in self.documents if row.document.kind == Document.Kind.PLAN and row.state == "draft"]
        return plans[-1] if plans else None


def own_regions(user: AnyUser) -> list[OwnRegion]:
    """The regions of a person today with what is hers in each, in the order of codes; eight queries at most."""
    own: dict[int, OwnRegion] = {}
    for body in bodies_of(user).order_by("region__code", "kind", "pk"):
        own.setdefault(body.region_id, OwnRegion(region=body.region)).bodies.append(body)
    if not own:
        return []
    rights = rights_of(user)
    readable = _drafts(rights)
    public = [row for row in public_now() if row.region_id in own]
    public_ids = {row.version.document_id for row in public}
    unread = unread_documents(user) if isinstance(user, User) else {}
    handbooks = [row.pk for row in readable if _is_own_handbook(row, rights)]
    needs = needs_of_handbooks(handbooks) if handbooks else {}
    remarks = remarks_waiting_for(user) if isinstance(user, User) and readable else {}
    for region_id, rounds in rounds_asking(rights).items():
        own[region_id].asking.extend(rounds)
    for document in readable:
        if document.region_id in own:
            own_document = _own_document(document, rights, public_ids, unread.get(document.pk, 0))
            own_document = replace(own_document, needs=needs.get(document.pk), remarks=remarks.get(document.pk, 0))
            own[document.region_id].documents.append(own_document)
    readable_ids = {document.pk for document in readable}
    for row in public:
        if row.version.document_id not in readable_ids:
            own[row.region_id].published.append(_published(row))
    return list(own.values())


def _drafts(rights: Rights) -> list[Document]:
    """The plans and handbooks that these rights open, plans first; whether a handbook is handed in comes along."""
    rows = (
        Document.objects.readable_with(rights)
        .filter(kind__in=[Document.Kind.PLAN, Document.Kind.HANDBOOK])
        .select_related("region", "handbook")
    )
    return sorted(rows, key=lambda document: (document.kind != Document.Kind.PLAN, document.pk))


def _own_document(document: Document, rights: Rights, public_ids: Container[int], unread: int) -> OwnDocument:
    handbook = getattr(document, "handbook", None)
    state = "draft"
    if document.pk in public_ids:
        state = "published"
    elif handbook and handbook.handed_in_id:
        state = "handed_in"
    return OwnDocument(
        document=document,
        state=state,
        own_handbook=_is_own_handbook(document, rights),
        unread=unread,
    )


def _is_own_handbook(document: Document, rights: Rights) -> bool:
    """Whether a group in which the person takes part writes it."""
    return (
        document.kind == Document.Kind.HANDBOOK
        and getattr(document, "handbook", None) is not None
        and document.writing_body_id in rights.body_ids
    )
