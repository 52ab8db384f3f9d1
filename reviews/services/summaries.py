"""Publishing the summary of a round, and taking it back."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from reviews.models import CommentRound, RoundSummary, Statement
from reviews.services.rounds import lock_round
from reviews.services.summary_files import ask_for_published, make_anew
from reviews.summary.building import RESIDENT, build, called
from reviews.summary.content import without_names

LONGEST_INTRO = 5_000


@transaction.atomic
def publish_summary(
    comment_round: CommentRound, *, intro: Mapping[str, str], languages: Sequence[str], by: User
) -> RoundSummary:
    """Publish a round's summary as it stands at this moment; an earlier one is withdrawn.

    Locks the round. Raises ValidationError: `round_not_over`, `nothing_received`, `language_missing`, `intro_too_long`.
    """
    locked = lock_round(comment_round)
    if not locked.is_over():
        raise ValidationError(
            _("The round is still open: its summary is published after it has closed."), code="round_not_over"
        )
    if not locked.statements.received().exists():
        raise ValidationError(_("Nobody has answered, so there is nothing to publish."), code="nothing_received")
    wanted = [code for code in locked.version.document.languages if code in languages]
    if not wanted:
        raise ValidationError({"languages": ValidationError(_("Choose a language."), code="language_missing")})
    texts = {code: intro[code].strip() for code in wanted if intro.get(code, "").strip()}
    if any(len(text) > LONGEST_INTRO for text in texts.values()):
        raise ValidationError(
            _("The text is too long: at most %(count)d characters."),
            code="intro_too_long",
            params={"count": LONGEST_INTRO},
        )
    locked.summaries.public().update(withdrawn_at=timezone.now())
    summary = RoundSummary.objects.create(
        region_id=locked.region_id,
        round=locked,
        content=build(locked, intro=texts).to_json(),
        languages=wanted,
        published_by=by,
    )
    ask_for_published(summary, by=by)
    record(by, "summary.published", locked, languages=wanted)
    return summary


@transaction.atomic
def withdraw_summary(comment_round: CommentRound, *, by: User) -> bool:
    """Take the public summary back; False where there is none."""
    locked = lock_round(comment_round)
    if not locked.summaries.public().update(withdrawn_at=timezone.now()):
        return False
    record(by, "summary.withdrawn", locked)
    return True


def forget_names(statements: Iterable[Statement]) -> int:
    """Take the names of these people out of summaries that were published, and have the files made anew; how many.

    In the caller's transaction, before the names are removed from the statements. An organisation's name stays.
    """
    names: dict[int, set[str]] = defaultdict(set)
    for row in statements:
        if row.shows_name and row.signed_by and row.kind != Statement.Kind.OFFICIAL:
            names[row.round_id].add(row.signed_by)
    found = RoundSummary.objects.select_for_update(of=("self",)).filter(round__in=names).order_by("pk")
    count = 0
    for summary in found:
        content = without_names(summary.content, names[summary.round_id], called(RESIDENT, summary.languages))
        if content == summary.content:
            continue
        summary.content, summary.names_removed_at = content, timezone.now()
        summary.save(update_fields=["content", "names_removed_at"])
        make_anew(summary)
        count += 1
    return count


def public_summary(comment_round: CommentRound) -> RoundSummary | None:
    """What anyone may read of a round now. Its content, perhaps megabytes, is read when it is asked for."""
    return comment_round.summaries.public().defer("content").first()
