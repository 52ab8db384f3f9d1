"""What a person holds in the packages above `regions`, for those who see to it when she leaves (`regions.holdings`)."""

import datetime
from collections import defaultdict

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from audit.services import record
from documents.models import Conflict, Document, Note
from documents.permissions import can_read_draft
from documents.views.finding import address
from handbooks.models import WordImport
from regions.holdings import Holding, register_source
from regions.models import Mandate, Membership, Region
from regions.permissions import has_mandate, rights_of
from reviews.models import Remark, Statement
from reviews.services.answers import assign
from reviews.services.statements import lock_statement


def register() -> None:
    for source in (open_notes, unfinished_statements, remarks_to_answer, open_conflicts, open_imports):
        register_source(source)


# --- Internal notes -------------------------------------------------------------------------------------------


def open_notes(user: User, region: Region, leaving: Membership) -> list[Holding]:
    """The open threads in which she is mentioned, document by document."""
    threads: dict[Document, set[int]] = defaultdict(set)
    for note in _mentions(user, region).select_related("document__region"):
        threads[note.document].add(note.thread_id or note.pk)
    return [_of_notes(user, document, threads[document]) for document in sorted(threads, key=lambda row: row.pk)]


def _mentions(user: User, region: Region) -> QuerySet[Note]:
    is_open = Q(thread=None, resolved_at=None) | Q(thread__resolved_at=None, thread__isnull=False)
    return Note.objects.filter(is_open, region=region, mentioned=user)


def _of_notes(user: User, document: Document, threads: set[int]) -> Holding:
    count = len(threads)
    text = ngettext("%(count)d open note mentions her or him", "%(count)d open notes mention her or him", count)

    def give(taker: User, last_day: datetime.date, by: User) -> None:
        _give_notes(user, document, to=taker, on=last_day, by=by)

    return Holding(
        key=f"notes-{document.public_id}",
        title=_("Internal notes in “%(document)s”") % {"document": document},
        text=text % {"count": count},
        url=address(document, "note-list"),
        give=give,
    )


def _give_notes(user: User, document: Document, *, to: User, on: datetime.date, by: User) -> None:
    """Mention the one who takes over in every open thread that mentions the leaver; what was written stays.

    ValidationError (`may_not_read`) when the draft is closed to her on the day after.
    """
    rights = rights_of(to, on + datetime.timedelta(days=1))
    if not can_read_draft(rights, document):
        raise ValidationError(
            _("%(name)s may not read the draft of “%(document)s”, so its notes cannot be handed over."),
            code="may_not_read",
            params={"name": str(to), "document": str(document)},
        )
    notes = list(_mentions(user, document.region).filter(document=document))
    for note in notes:
        note.mentioned.add(to)
    record(by, "notes.handed_over", document, notes=sorted(note.public_id for note in notes), taker=to.pk)


# --- Statements -----------------------------------------------------------------------------------------------


def unfinished_statements(user: User, region: Region, leaving: Membership) -> list[Holding]:
    """Official statements that she has begun for an organisation and nobody has handed in."""
    rows = Statement.objects.filter(
        user=user, region=region, kind=Statement.Kind.OFFICIAL, received_at=None
    ).select_related("organisation", "region")
    return [_of_statement(row) for row in rows]


def _of_statement(statement: Statement) -> Holding:
    def give(taker: User, last_day: datetime.date, by: User) -> None:
        _give_statement(statement, to=taker, on=last_day, by=by)

    return Holding(
        key=f"statement-{statement.public_id}",
        title=_("Unfinished statement of %(organisation)s") % {"organisation": statement.organisation},
        give=give,
    )


def _give_statement(statement: Statement, *, to: User, on: datetime.date, by: User) -> None:
    """Make the draft another person's, under its lock.

    ValidationError: `handed_in` when it is no longer the leaver's draft, `may_not_sign` when the one who takes over may
    not speak for the organisation on the day after.
    """
    locked = lock_statement(statement)
    if locked.received_at is not None or locked.user_id != statement.user_id:
        raise ValidationError(
            _("The statement is no longer an unfinished one of hers or his. Open the page again."), code="handed_in"
        )
    organisation = locked.organisation
    if organisation and not has_mandate(to, organisation, Mandate.Right.SIGN, on + datetime.timedelta(days=1)):
        raise ValidationError(
            _("%(name)s may not sign for %(organisation)s: give the mandate first, then hand the statement over."),
            code="may_not_sign",
            params={"name": str(to), "organisation": str(organisation)},
        )
    locked.user = to
    locked.edit += 1
    locked.save(update_fields=["user", "edit", "changed_at"])
    record(by, "statement.handed_over", locked, taker=to.pk)


# --- Remarks of respondents -----------------------------------------------------------------------------------


def remarks_to_answer(user: User, region: Region, leaving: Membership) -> list[Holding]:
    """Remarks that she has been given and nobody has answered, document by document."""
    by_document: dict[Document, list[Remark]] = defaultdict(list)
    rows = Remark.objects.received().unanswered().filter(assigned_to=user, region=region)
    for remark in rows.select_related("version__document__region").defer("version__content").order_by("pk"):
        by_document[remark.version.document].append(remark)
    return [_of_remarks(document, remarks) for document, remarks in sorted(by_document.items(), key=_by_key)]


def _by_key(row: tuple[Document, list[Remark]]) -> int:
    return row[0].pk


def _of_remarks(document: Document, remarks: list[Remark]) -> Holding:
    count = len(remarks)
    text = ngettext("%(count)d remark waits for an answer", "%(count)d remarks wait for an answer", count)

    def give(taker: User, last_day: datetime.date, by: User) -> None:
        assign(remarks, to=taker, by=by)

    return Holding(
        key=f"remarks-{document.public_id}",
        title=_("Remarks on “%(document)s”") % {"document": document},
        text=text % {"count": count},
        url=reverse("reviews:remark-list", args=[document.region.slug, document.kind, document.public_id]),
        give=give,
    )


# --- What only is told ----------------------------------------------------------------------------------------


def open_conflicts(user: User, region: Region, leaving: Membership) -> list[Holding]:
    """Places where her text waits beside somebody else's: any writer of the document may choose."""
    rows = Conflict.objects.filter(author=user, region=region, settled_at=None).select_related(
        "section__document__region"
    )
    return [
        Holding(
            key=f"conflict-{row.pk}",
            title=_("Two texts wait for a choice in “%(document)s”") % {"document": row.section.document},
            text=str(row.section),
            url=f"{address(row.section.document, 'section-detail', row.section.key)}#conflicts",
        )
        for row in rows.defer("base", "head", "mine")
    ]


def open_imports(user: User, region: Region, leaving: Membership) -> list[Holding]:
    """Word files that she brought and nobody has imported yet: any writer of the handbook may go on."""
    rows = WordImport.objects.filter(created_by=user, region=region, imported_at=None).select_related(
        "file", "handbook__document__region"
    )
    return [
        Holding(
            key=f"import-{row.public_id}",
            title=_("Word file “%(file)s” has not been imported") % {"file": row.file.name},
            text=str(row.handbook),
            url=row.handbook.document.get_absolute_url(),
        )
        for row in rows.defer("placement")
    ]
