"""What comment rounds are measured on: a plan of 60 sections and 600 blocks, 5,000 remarks on it by 600 respondents.

Half of the remarks are answered, 300 propose other words, and since they were made some of the text has changed.
"""

import datetime
import random
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from bench import data
from criteria.models import CriteriaSet
from documents.models import Document
from documents.operations import REPLACE_TEXT
from documents.services.outline import add_section
from documents.services.sections import save_section
from documents.services.versions import freeze
from plans.services.plans import create_plan
from regions.models import Area, Organisation, Region
from reviews.answering.places import Place, Places
from reviews.models import Answer, CommentRound, Invitation, Remark, RemarkMeeting, Statement
from reviews.services.summaries import publish_summary

SECTIONS, BLOCKS, CHANGED = 60, 600, 12
ORGANISATIONS, OFFICIAL, STATEMENTS = 600, 400, 600
REMARKS, PROPOSALS, THEMES, AREAS = 5_000, 300, 250, 10
TITLE = "Kommenttikierros"
DAY = datetime.timedelta(days=1)
QUESTIONS = [
    {"key": "puuttuu", "kind": "text", "text": {"fi": "Mitä puuttuu?"}},
    *(
        {
            "key": f"osa{number}",
            "kind": "scale",
            "text": {"fi": f"Miten osa {number} onnistuu?"},
            "options": [{"key": str(step), "text": {"fi": f"Porras {step}"}} for step in range(1, 6)],
        }
        for number in range(1, 6)
    ),
]


def comment_round() -> CommentRound:
    rows = CommentRound.objects.select_related("version__document__region").defer("version__content")
    return rows.get(title__fi=TITLE)


def meeting() -> RemarkMeeting:
    return RemarkMeeting.objects.select_related("document__region").get()


def build() -> None:
    """Make the round, unless it is there."""
    if not CommentRound.objects.exists():
        with transaction.atomic():
            _build(data.region())


def _build(home: Region) -> None:
    document = _document(home)
    version = freeze(document, by=None)
    now = timezone.now()
    made = CommentRound.objects.create(
        region=home,
        version=version,
        kind=CommentRound.Kind.OPEN,
        title={"fi": TITLE},
        questions=QUESTIONS,
        allows_anonymous=True,
        sharing=CommentRound.Sharing.AT_ONCE,
        contact="Maija Mittaaja",
        opens_at=now - 30 * DAY,
        closes_at=now - DAY,
        announced_at=now - 31 * DAY,
    )
    areas = Area.objects.bulk_create(
        [Area(region=home, key=f"alue-{n}", name=f"Alue {n}", position=n) for n in range(AREAS)]
    )
    statements = _statements(made, areas)
    remarks = _remarks(made, statements)
    _answers(home, remarks)
    RemarkMeeting.objects.create(region=home, document=document, held_on=now.date(), present=["Maija Mittaaja"])
    publish_summary(made, intro={}, languages=["fi"], by=data.coordinator())
    # From here on it is open, however long these data are kept.
    CommentRound.objects.filter(pk=made.pk).update(closes_at=now + 3650 * DAY)
    for section in document.sections.present().with_text()[:CHANGED]:
        kept = [data.changed(data.sentences(40, seed)) for seed in range(BLOCKS // SECTIONS - 2)]
        save_section(section, by=None, base=section.head, html={"fi": "".join(f"<p>{words}</p>" for words in kept)})


def _document(home: Region) -> Document:
    made = create_plan(
        home,
        title={"fi": "Kommentoitava suunnitelma"},
        starts_on=datetime.date(2030, 1, 1),
        ends_on=datetime.date(2033, 12, 31),
        criteria_set=CriteriaSet.objects.get(),
        languages=["fi"],
        by=None,
        with_outline=False,
    )
    for number in range(SECTIONS):
        section = add_section(made.document, heading={"fi": f"Osa {number}"}, by=None)
        html = "".join(f"<p>{data.sentences(40, number * 10 + seed)}</p>" for seed in range(BLOCKS // SECTIONS))
        save_section(section, by=None, base=None, html={"fi": html})
    return made.document


def _statements(made: CommentRound, areas: Sequence[Area]) -> list[Statement]:
    """Of 600 who were asked 400 answered; the others answered in their own names or without one."""
    # A municipality among organisations names its row in the register; these have none.
    kinds = [kind for kind in Organisation.Kind.values if kind != Organisation.Kind.MUNICIPALITY]
    organisations = Organisation.objects.bulk_create(
        [
            Organisation(region_id=made.region_id, kind=kinds[n % len(kinds)], name_fi=f"Kuultava {n}")
            for n in range(ORGANISATIONS)
        ]
    )
    invitations = Invitation.objects.bulk_create(
        [
            Invitation(
                region_id=made.region_id,
                round=made,
                organisation=row,
                email=f"kirjaamo{n}@example.org",
                sent_at=made.opens_at,
            )
            for n, row in enumerate(organisations)
        ]
    )
    chance = random.Random(1)
    rows = []
    for n in range(STATEMENTS):
        is_official, is_anonymous = n < OFFICIAL, n >= OFFICIAL and n % 3 == 0
        kind = Statement.Kind.OFFICIAL if is_official else Statement.Kind.PERSONAL
        rows.append(
            Statement(
                region_id=made.region_id,
                round=made,
                kind=Statement.Kind.ANONYMOUS if is_anonymous else kind,
                invitation=invitations[n] if is_official else None,
                organisation=organisations[n] if is_official else None,
                signed_by="" if is_anonymous else f"Vastaaja {n}",
                area=areas[n % AREAS],
                text=data.sentences(60, n),
                answers={"puuttuu": data.sentences(20, n)}
                | {f"osa{number}": str(chance.randint(1, 5)) for number in range(1, 6)},
                received_at=made.opens_at + n * datetime.timedelta(minutes=10),
            )
        )
    return Statement.objects.bulk_create(rows)


def _remarks(made: CommentRound, statements: Sequence[Statement]) -> list[Remark]:
    places = [place for place in Places(made.version) if place.section]
    chance = random.Random(2)
    words = [f"{one}{other}" for one in data.WORDS for other in data.WORDS]
    themes = [chance.sample(words, 6) for _theme in range(THEMES)]
    rows = []
    for n in range(REMARKS):
        place = chance.choice(places)
        # Two of five repeat what others say, in an order of their own.
        own = chance.sample(words, 14)
        said = [*chance.sample(themes[n % THEMES], 5), *own[:3]] if n % 5 < 2 else own
        is_proposal = n < PROPOSALS and place.block
        rows.append(
            Remark(
                region_id=made.region_id,
                statement=statements[n % STATEMENTS],
                version=made.version,
                language="fi",
                section_key=place.section_key,
                block_id=place.block_id,
                order=place.order,
                text=" ".join(said).capitalize(),
                operations=_other_words(place) if is_proposal else [],
            )
        )
    return Remark.objects.bulk_create(rows, batch_size=1000)


def _other_words(place: Place) -> list[dict[str, object]]:
    assert place.block is not None
    said = data.changed(place.block.text["body"]["fi"])
    return [{"op": REPLACE_TEXT, "block_id": place.block_id, "unit": "body", "language": "fi", "value": said}]


def _answers(home: Region, remarks: Sequence[Remark]) -> None:
    """Every second one is answered; each tenth answer is given to five at once."""
    outcomes = Answer.Outcome.values
    chosen = list(remarks[::2])
    together: list[list[Remark]] = []
    while chosen:
        count = 5 if len(together) % 10 == 0 else 1
        together.append(chosen[:count])
        del chosen[:count]
    answers = Answer.objects.bulk_create(
        [
            Answer(
                region=home,
                outcome=outcomes[n % len(outcomes)],
                reason={"fi": data.sentences(15, n)},
                answered_by=data.coordinator(),
            )
            for n in range(len(together))
        ]
    )
    link = Answer.remarks.through
    link._default_manager.bulk_create(
        [
            link(answer=answer, remark=remark)
            for answer, group in zip(answers, together, strict=True)
            for remark in group
        ],
        batch_size=1000,
    )
