"""Many writers at once: nothing lost, no deadlock, and whole versions in between.

The long form (eight writers with fifty saves each and more) runs with HYPOTHESIS_PROFILE=soak.
"""

import os
import random
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection

from documents import frozen
from documents.blocks import PARAGRAPH, Block
from documents.html import Rendering, render
from documents.models import BlockIdentity, Conflict, Revision, Version
from documents.richtext import plain
from documents.services.sections import move_blocks, save_section
from documents.services.versions import freeze
from plans.models import Action, Candidate
from plans.services.compiling import compile_plan
from tests.accounts.factories import UserFactory
from tests.plans import factories as plan_factories

from .factories import blocks, fresh, head, make_document, make_section, texts

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
WRITERS, SAVES = 8, 50 if SOAK else 12


def together(*actions):
    """Run the actions in threads that start at the same moment; answers their results, raises their errors."""
    start = threading.Barrier(len(actions))

    def run(action):
        try:
            start.wait(timeout=30)
            return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        jobs = [pool.submit(run, action) for action in actions]
        for job in as_completed(jobs, timeout=600):
            job.result()
        return [job.result() for job in jobs]


def paragraph(block, html=None):
    return f'<p data-id="{block.id}">{block.get("body", "fi") if html is None else html}</p>'


class Writer:
    """A person who writes own words into one section, on a base that may be a few saves old.

    `kept` are the words that must be somewhere: a word goes out of it only when its own writer took it out.
    """

    def __init__(self, name, section):
        self.name, self.section = name, section
        self.random = random.Random(name)
        self.base = head(section)
        self.kept = set()
        self.conflicts = 0

    def write(self):
        for number in range(SAVES):
            if self.random.random() < 0.6:
                self.base = head(self.section)
            self.save(f"{self.name}{number}")
        return self

    def save(self, word):
        mine = list(self.base.blocks)
        place = self.random.randrange(len(mine))
        rows = [paragraph(block) for block in mine]
        what = self.random.choice(["add", "edit", "edit", "replace", "reorder", "split"])
        taken_out = set()
        words = plain(mine[place].get("body", "fi")).split()
        if what == "edit":
            words.insert(self.random.randint(0, len(words)), word)
            rows[place] = paragraph(mine[place], " ".join(words))
        elif what == "replace" and (own := [item for item in words if item in self.kept]):
            taken_out = {own[0]}
            rows[place] = paragraph(mine[place], " ".join(word if item == own[0] else item for item in words))
        elif what == "split" and len(words) > 1:
            half = self.random.randint(1, len(words) - 1)
            rows[place] = paragraph(mine[place], " ".join(words[:half]))
            rows.insert(place + 1, paragraph(mine[place], f"{' '.join(words[half:])} {word}"))
        else:
            if what == "reorder":
                self.random.shuffle(rows)
            rows.insert(place, f"<p>{word}</p>")
        saved = save_section(self.section, by=None, base=self.base, html={"fi": "".join(rows)}, client_key=word)
        self.kept = (self.kept | {word}) - taken_out
        self.conflicts += len(saved.conflicts)
        if saved.revision and not saved.merged:
            self.base = saved.revision


def freeze_again_and_again(document, stop):
    versions = []
    while not stop.is_set():
        versions.append(freeze(document, by=None).number)
    return versions


def check_history(document):
    """Revisions without gaps, ids that stand once, and every version whole."""
    for section in document.sections.all():
        numbers = list(section.revisions.order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
        assert section.head == section.revisions.line().order_by("number").last()
    standing = {block.id: section for section in document.sections.present() for block in section.blocks}
    placed = {
        row.block_id: row.section for row in BlockIdentity.objects.filter(document=document, section__isnull=False)
    }
    assert placed == standing
    assert sum(len(section.blocks) for section in document.sections.present()) == len(standing)
    by_number = {(row.section.key, row.number): row.content for row in Revision.objects.select_related("section")}
    versions = list(Version.objects.filter(document=document).order_by("number"))
    assert [version.number for version in versions] == list(range(1, len(versions) + 1))
    for version in versions:
        frozen.read(version)
        for row in version.json["sections"]:
            assert row["blocks"] == by_number[row["key"], version.heads[row["key"]]]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_eight_writers_of_one_section_lose_nothing_and_versions_are_whole():
    document = make_document()
    section = make_section(document, "".join(f"<p>Alku {n} yhteinen teksti kaikille.</p>" for n in range(6)))
    writers = [Writer(f"kirjoittaja{letter}sana", fresh(section)) for letter in "abcdefgh"]
    stop = threading.Event()
    running = threading.Semaphore(0)

    def write(writer):
        try:
            return writer.write()
        finally:
            running.release()
            if running._value == WRITERS:
                stop.set()

    together(
        *(lambda writer=writer: write(writer) for writer in writers), lambda: freeze_again_and_again(document, stop)
    )

    here = set(re.findall(r"\w+", " ".join(texts(section))))
    waiting = set(re.findall(r"\w+", " ".join(f"{row.head} {row.mine}" for row in Conflict.objects.all())))
    for writer in writers:
        assert writer.kept <= here | waiting
        assert len(writer.kept) > SAVES / 2
    assert sum(writer.conflicts for writer in writers) == Conflict.objects.count()
    assert Revision.objects.filter(section=section, origin=Revision.Origin.MERGED).exists()
    assert Version.objects.exists()
    check_history(document)


class Typist:
    """A person whose editor saves while they type on: mostly from their own last state, sometimes from the news."""

    def __init__(self, name, section, saves):
        self.user, self.section, self.saves = UserFactory(name=name), section, saves
        self.name, self.random = name, random.Random(name)
        self.sent = set()

    def write(self):
        base = head(self.section)
        for number in range(self.saves):
            if self.random.random() < 0.3:
                base = head(self.section)
            words = f"{self.name}{number}"
            rows = [paragraph(block) for block in base.blocks]
            place = self.random.randrange(len(rows))
            if self.random.random() < 0.5:
                block = base.blocks[place]
                rows[place] = paragraph(block, f"{block.get('body', 'fi')} {words}")
            else:
                rows.insert(place, f"<p>{words}</p>")
            saved = save_section(
                self.section,
                by=self.user,
                base=base,
                html={"fi": "".join(rows)},
                client_key=words,
                is_automatic=True,
            )
            self.sent.add(words)
            base = saved.own
            assert words in " ".join(block.plain_in("fi") for block in base.blocks)
        return self


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_eight_typists_find_every_word_in_the_text_or_in_a_revision_of_their_own():
    """500 saves together in the long form."""
    document = make_document()
    section = make_section(document, "".join(f"<p>Alku {n} yhteinen teksti kaikille.</p>" for n in range(6)))
    typists = [Typist(f"kirjoittaja{letter}sana", fresh(section), 63 if SOAK else 10) for letter in "abcdefgh"]

    together(*(typist.write for typist in typists))

    here = set(re.findall(r"\w+", " ".join(texts(section))))
    waiting = set(re.findall(r"\w+", " ".join(f"{row.mine}" for row in Conflict.objects.all())))
    for typist in typists:
        own = section.revisions.filter(author=typist.user)
        written = {word for row in own for block in row.blocks for word in block.plain_in("fi").split()}
        assert typist.sent <= written
        assert len(typist.sent & (here | waiting)) > len(typist.sent) / 2
        open_ones = Conflict.objects.filter(author=typist.user, settled_at=None)
        places = list(open_ones.values_list("kind", "block_id", "unit", "language"))
        assert len(places) == len(set(places))
    assert section.revisions.filter(is_side=True).exists()
    check_history(document)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_writing_while_others_move_the_text_to_and_fro_loses_nothing():
    document = make_document()
    one = make_section(document, "".join(f"<p>Kappale {n} tässä.</p>" for n in range(4)), key="yksi")
    two = make_section(document, "<p>Toinen osa.</p>", key="kaksi")
    done = threading.Event()

    def move():
        to_and_fro = [(one, two), (two, one)] * (3 * SAVES)
        for source, target in to_and_fro:
            if done.is_set():
                break
            rows = blocks(source)
            if len(rows) > 1:
                try:
                    move_blocks([rows[-1].id], source=source, target=target, by=None)
                except ValidationError as error:  # a save came between looking and moving
                    assert error.code == "block_gone"

    def write(section, name):
        written = []
        for number in range(SAVES):
            base = head(section)
            rows = list(base.blocks)
            word = f"{name}{number}"
            html = [
                paragraph(block, f"{block.get('body', 'fi')} {word}" if block is rows[-1] else None) for block in rows
            ]
            save_section(fresh(section), by=None, base=base, html={"fi": "".join(html)})
            written.append(word)
        return written

    def write_all(section, name):
        try:
            return write(section, name)
        finally:
            done.set()

    words = together(move, lambda: write(one, "eevasana"), lambda: write_all(two, "ossisana"))[1:]
    here = " ".join([*texts(one), *texts(two)])
    waiting = " ".join(f"{row.head} {row.mine}" for row in Conflict.objects.all())
    for word in [*words[0], *words[1]]:
        assert re.search(rf"\b{word}\b", here + " " + waiting)
    check_history(document)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_one_client_key_sent_by_two_threads_at_once_is_one_revision():
    section = make_section(make_document(), "<p>Alku.</p>")
    base = head(section)

    def save():
        return save_section(
            fresh(section), by=None, base=base, html={"fi": paragraph(base.blocks[0]) + "<p>Uusi.</p>"}, client_key="k"
        ).revision.pk

    for _round in range(5):
        assert len(set(together(save, save, save))) == 1
    assert Revision.objects.filter(section=section).count() == 2
    assert texts(section) == ["Alku.", "Uusi."]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_candidate_taken_in_by_two_people_at_once_becomes_one_action():
    plan = plan_factories.make_plan()
    plan_factories.make_two_handbooks()
    compile_plan(plan, by=None)
    goal = plan_factories.make_goal(plan)
    candidate = plan.candidates.first()
    proposal = plan_factories.proposals(plan)[:1]

    def take():
        try:
            return plan_factories.take_in(goal, proposal).pk
        except ValidationError as error:
            return error.code

    assert sorted(map(str, together(take, take)))[-1] == "already_taken"
    assert Action.objects.filter(plan=candidate.plan).count() == 1
    candidate.refresh_from_db()
    assert (candidate.state, candidate.action) == (Candidate.State.TAKEN, Action.objects.get())


SQLITE_WRITER = """
import sys, django
django.setup()
from documents.models import Section
from documents.services.sections import save_section
name = sys.argv[1]
for number in range(int(sys.argv[2])):
    section = Section.objects.select_related("head", "document").get()
    html = "".join(f'<p data-id="{block.id}">{block.get("body", "fi")}</p>' for block in section.blocks)
    save_section(section, by=None, base=section.head, html={"fi": html + f"<p>{name}{number}</p>"})
"""


@pytest.mark.skipif(settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3", reason="SQLite's locks")
@pytest.mark.django_db(transaction=True)
def test_two_processes_writing_to_sqlite_wait_for_each_other():
    section = make_section(make_document(), "<p>Alku.</p>")
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
        "DJANGO_SETTINGS_MODULE": "familycentre.settings",
    }
    saves = 60 if SOAK else 15
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SQLITE_WRITER, name, str(saves)],
            cwd=settings.BASE_DIR,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("eeva", "ossi")
    ]
    for process in processes:
        _out, errors = process.communicate(timeout=120)
        assert (process.returncode, errors) == (0, "")
    wanted = {f"{name}{number}" for name in ("eeva", "ossi") for number in range(saves)}
    assert wanted <= set(texts(section))
    assert len(blocks(section)) == 2 * saves + 1


def test_what_a_writer_is_shown_is_what_the_threads_send():
    """The paragraphs made here by hand are those of the editor."""
    block = Block("b000000001", PARAGRAPH, {"body": {"fi": "Alku."}})
    assert paragraph(block) == str(render([block], Rendering("fi", editing=True)))
