"""Putting similar remarks together and taking them apart; the program proposes, a person decides."""

from collections.abc import Collection, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from documents.models import Document
from documents.services.documents import lock
from jobs.services import enqueue
from reviews.deciding.grouping import Found, find_groups, kept_apart
from reviews.models import Remark, RemarkGroup, RemarkGrouping, RemarkGroupMember, RemarkSeparation
from reviews.models.remarks import RemarkQuerySet

GROUP_REMARKS = "group_remarks"
"""The job that looks for similar remarks."""

MOST_TOGETHER = 500
"""Remarks in one group that a person puts together: as many as can be answered at once."""

STEP = 100
"""After how many remarks the progress is written down."""


@transaction.atomic
def ask_for_grouping(document: Document, *, by: User | None) -> RemarkGrouping:
    """Ask for the search for similar remarks among all of a document; it is done as a job."""
    document = lock(document)
    search, _made = RemarkGrouping.objects.update_or_create(
        document=document,
        defaults={
            "region_id": document.region_id,
            "asked_by": by,
            "asked_at": timezone.now(),
            "done": 0,
            "total": _remarks(document).count(),
            "finished_at": None,
        },
    )
    payload = {"document": document.pk, "region_code": document.region.code}
    enqueue(GROUP_REMARKS, payload, key=f"{GROUP_REMARKS}-{document.pk}")
    return search


def _remarks(document: Document) -> RemarkQuerySet:
    return Remark.objects.received().shown().filter(version__document=document)


def group_all(document: Document) -> int:
    """Look for similar remarks and write down the groups; how many there are now. Doing it twice does no harm.

    Groups that a person made or added to stay as they are; of the others those that are found again keep their
    addresses. Locks the document only while it writes.
    """
    searches = RemarkGrouping.objects.filter(document=document)
    settled = RemarkGroupMember.objects.filter(group__document=document, group__is_kept=True)
    rows = list(
        _remarks(document).exclude(pk__in=settled.values("remark_id")).defer("version__content").order_by("order", "pk")
    )
    searches.update(total=len(rows), done=0)
    noted = 0

    def note(done: int) -> None:
        nonlocal noted
        if done - noted >= STEP:
            noted = done
            searches.update(done=done)

    found = find_groups(document, rows, apart=kept_apart(document), progress=note)
    with transaction.atomic():
        lock(document)
        count = _write(document, found)
        searches.update(done=len(rows), total=len(rows), finished_at=timezone.now())
    return count


def _write(document: Document, found: Sequence[Found]) -> int:
    groups = RemarkGroup.objects.filter(document=document)
    members = RemarkGroupMember.objects.filter(group__document=document)
    # What a person did while the program was looking counts more.
    taken = set(members.filter(group__is_kept=True).values_list("remark_id", flat=True))
    apart = kept_apart(document)
    standing: dict[frozenset[int], RemarkGroup] = {}
    by_group: dict[int, set[int]] = {}
    for group_id, remark_id in members.filter(group__is_kept=False).values_list("group_id", "remark_id"):
        by_group.setdefault(group_id, set()).add(remark_id)
    for group in groups.filter(is_kept=False):
        standing[frozenset(by_group.get(group.pk, ()))] = group
    still_there = set(_remarks(document).values_list("pk", flat=True))
    wanted: list[tuple[frozenset[int], Found]] = []
    for row in found:
        keys = frozenset(remark.pk for remark in row.remarks) & still_there
        if len(keys) > 1 and not keys & taken and not any(pair <= keys for pair in apart):
            wanted.append((keys, row))
    again = {keys for keys, _row in wanted}
    groups.filter(pk__in=[group.pk for keys, group in standing.items() if keys not in again]).delete()
    new: list[tuple[RemarkGroup, frozenset[int]]] = []
    for keys, row in wanted:
        if keys in standing:
            RemarkGroup.objects.filter(pk=standing[keys].pk).update(grounds=row.grounds, order=row.remarks[0].order)
        else:
            made = RemarkGroup(
                region_id=document.region_id, document=document, grounds=row.grounds, order=row.remarks[0].order
            )
            new.append((made, keys))
    RemarkGroup.objects.bulk_create([group for group, _keys in new])
    RemarkGroupMember.objects.bulk_create(
        [
            RemarkGroupMember(region_id=document.region_id, group=group, remark_id=key)
            for group, keys in new
            for key in sorted(keys)
        ]
    )
    return groups.count()


# --- By hand --------------------------------------------------------------------------------------


@transaction.atomic
def put_together(
    document: Document, remarks: Collection[Remark], *, by: User, into: RemarkGroup | None = None
) -> RemarkGroup:
    """Put remarks into one group by hand; each leaves the group that it was in. `into` is the group to add them to.

    Raises ValidationError: `too_few`, `too_many_remarks`, `group_gone`.
    """
    document = lock(document)
    chosen = list(_remarks(document).filter(pk__in=[remark.pk for remark in remarks]).order_by("order", "pk"))
    if into is not None:
        into = RemarkGroup.objects.filter(pk=into.pk, document=document).first()
        if into is None:
            raise _group_gone()
    if not chosen or (into is None and len(chosen) < 2):
        raise ValidationError(_("Choose at least two remarks."), code="too_few")
    standing = into.members.count() if into else 0
    if standing + len(chosen) > MOST_TOGETHER:
        raise ValidationError(
            _("A group can have at most %(count)d remarks."), code="too_many_remarks", params={"count": MOST_TOGETHER}
        )
    left = set(
        RemarkGroupMember.objects.filter(remark__in=chosen)
        .exclude(group=into)
        .values_list("group_id", flat=True)
        .distinct()
    )
    RemarkGroupMember.objects.filter(remark__in=chosen).delete()
    if into is None:
        into = RemarkGroup.objects.create(
            region_id=document.region_id, document=document, made_by=by, is_kept=True, order=chosen[0].order
        )
    elif not into.is_kept:
        into.is_kept = True
        into.save(update_fields=["is_kept"])
    RemarkGroupMember.objects.bulk_create(
        [RemarkGroupMember(region_id=document.region_id, group=into, remark=remark) for remark in chosen]
    )
    _drop_small(left)
    record(by, "remark_group.put_together", document, group=into.public_id, remarks=[row.public_id for row in chosen])
    return into


@transaction.atomic
def take_out(group: RemarkGroup, remark: Remark, *, by: User) -> None:
    """Tell one remark from the others of its group; they are not put together again by the program.

    Raises ValidationError (`group_gone`) where it is no longer in the group.
    """
    document = lock(group.document)
    others = list(Remark.objects.filter(groups=group).exclude(pk=remark.pk))
    gone, _each = RemarkGroupMember.objects.filter(group=group, remark=remark).delete()
    if not gone:
        raise _group_gone()
    told = RemarkSeparation.objects.create(region_id=document.region_id, document=document, lone=remark, by=by)
    told.remarks.set(others)
    _drop_small({group.pk})
    record(by, "remark_group.remark_taken_out", document, group=group.public_id, remark=remark.public_id)


@transaction.atomic
def take_apart(group: RemarkGroup, *, by: User) -> None:
    """Tell all remarks of a group from each other. Raises ValidationError (`group_gone`)."""
    document = lock(group.document)
    fresh = RemarkGroup.objects.filter(pk=group.pk).first()
    if fresh is None:
        raise _group_gone()
    told = RemarkSeparation.objects.create(region_id=document.region_id, document=document, by=by)
    told.remarks.set(fresh.remarks.all())
    fresh.delete()
    record(by, "remark_group.taken_apart", document, group=group.public_id)


def _drop_small(group_ids: Collection[int]) -> None:
    """A group of one is none."""
    for group in RemarkGroup.objects.filter(pk__in=group_ids):
        if group.members.count() < 2:
            group.delete()


def _group_gone() -> ValidationError:
    return ValidationError(_("Somebody has changed this group meanwhile. Look at the list anew."), code="group_gone")
