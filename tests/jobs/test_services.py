import datetime
import re
import signal
import threading

import pytest
import time_machine
from django.core import mail as outbox
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from jobs.jobs import send_mail
from jobs.models import Job
from jobs.services import KEPT, LEASE, claim, enqueue, mail, retry, run_due, tick, work
from tests.regions.factories import BodyFactory

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.UTC)
LONGEST = 60
"""Seconds that threads wait for each other: a test that hangs fails instead."""


def test_a_key_waits_only_once(own_handler):
    own_handler("count", lambda payload: None)
    first = enqueue("count", {"n": 1}, key="count-1")
    second = enqueue("count", {"n": 2}, key="count-1")
    assert first == second
    assert Job.objects.count() == 1
    assert Job.objects.get().payload == {"n": 1}


def test_a_key_is_free_again_when_its_job_is_done(own_handler):
    seen = []
    own_handler("count", seen.append)
    enqueue("count", {"n": 1}, key="count-1")
    assert run_due() == 1
    enqueue("count", {"n": 2}, key="count-1")
    assert run_due() == 1
    assert seen == [{"n": 1}, {"n": 2}]


def test_a_job_asked_for_while_it_runs_is_done_once_more(own_handler):
    runs = []

    def do(payload):
        runs.append(payload)
        if len(runs) == 1:
            enqueue("count", {}, key="count-1")

    own_handler("count", do)
    enqueue("count", {}, key="count-1")
    assert run_due() == 2
    assert len(runs) == 2
    assert Job.objects.get().finished_at is not None


def test_a_row_is_named_by_its_number_and_region(own_handler):
    own_handler("greet", lambda payload: None)
    body = BodyFactory()
    job = enqueue("greet", body, key="greet")
    assert (job.payload, job.region_code) == ({"pk": body.pk}, body.region.code)


def test_a_kind_without_a_handler_is_a_programming_error():
    with pytest.raises(ValueError, match="nobody-knows"):
        enqueue("nobody-knows", {}, key="x")
    assert not Job.objects.exists()


def test_two_handlers_for_one_kind_are_a_programming_error(own_handler):
    own_handler("twice", lambda payload: None)
    with pytest.raises(ValueError, match="twice"):
        own_handler("twice", lambda payload: None)


def test_a_job_disappears_with_the_transaction_that_asked(own_handler):
    own_handler("count", lambda payload: None)
    with pytest.raises(RuntimeError), transaction.atomic():
        enqueue("count", {}, key="count-1")
        raise RuntimeError
    assert not Job.objects.exists()


def test_a_job_does_not_start_before_its_time(own_handler):
    own_handler("later", lambda payload: None)
    with time_machine.travel(NOW, tick=False):
        enqueue("later", {}, key="later", run_after=NOW + datetime.timedelta(hours=1))
        assert run_due() == 0
    with time_machine.travel(NOW + datetime.timedelta(hours=1), tick=False):
        assert run_due() == 1


def test_a_failing_job_waits_longer_each_time_and_is_given_up(own_handler):
    def fail(payload):
        raise RuntimeError("the printer is on fire")

    own_handler("fail", fail)
    with time_machine.travel(NOW, tick=False) as traveller:
        enqueue("fail", {}, key="fail")
        Job.objects.update(max_attempts=3)
        waits = []
        for _attempt in range(3):
            assert run_due() == 1
            job = Job.objects.get()
            waits.append((job.run_after - timezone.now()).total_seconds())
            traveller.move_to(job.run_after)
        assert waits[:2] == [30, 60]
        assert run_due() == 0
    assert job.failed_at is not None
    assert job.lease_until is None
    assert "the printer is on fire" in job.error
    assert not job.is_open


def test_one_failing_job_does_not_stop_the_others(own_handler):
    done = []

    def do(payload):
        if payload["n"] == 1:
            raise RuntimeError
        done.append(payload["n"])

    own_handler("some", do)
    for n in (1, 2, 3):
        enqueue("some", {"n": n}, key=f"some-{n}")
    assert run_due() == 3
    assert done == [2, 3]


def test_what_was_given_up_can_be_started_anew(own_handler):
    done = []
    own_handler("again", done.append)
    job = enqueue("again", {}, key="again")
    Job.objects.update(failed_at=timezone.now(), attempts=8)
    retry(job)
    assert run_due() == 1
    assert done == [{}]


def test_nothing_is_started_anew_while_the_same_work_waits(own_handler):
    own_handler("again", lambda payload: None)
    old = enqueue("again", {}, key="again")
    Job.objects.update(failed_at=timezone.now())
    enqueue("again", {}, key="again")
    retry(old)
    assert Job.objects.open().count() == 1


def test_a_held_job_is_nobody_elses_until_the_lease_is_over(own_handler):
    own_handler("crash", lambda payload: None)
    with time_machine.travel(NOW, tick=False):
        enqueue("crash", {}, key="crash")
        assert claim() is not None  # and the worker dies here
        assert claim() is None
    with time_machine.travel(NOW + LEASE - datetime.timedelta(seconds=1), tick=False):
        assert claim() is None
    with time_machine.travel(NOW + LEASE, tick=False):
        taken_over = claim()
    assert taken_over is not None
    assert taken_over.attempts == 2


def test_a_late_worker_does_not_finish_what_another_has_taken_over(own_handler):
    own_handler("slow", lambda payload: None)
    with time_machine.travel(NOW, tick=False):
        enqueue("slow", {}, key="slow")
        late = claim()
    with time_machine.travel(NOW + LEASE, tick=False):
        claim()
        assert work(late)
    job = Job.objects.get()
    assert job.finished_at is None
    assert job.lease_until == NOW + 2 * LEASE


def test_a_job_that_kills_every_worker_is_given_up(own_handler):
    own_handler("deadly", lambda payload: None)
    with time_machine.travel(NOW, tick=False) as traveller:
        enqueue("deadly", {}, key="deadly")
        Job.objects.update(max_attempts=2)
        for _attempt in range(2):
            assert claim() is not None
            traveller.shift(LEASE)
        assert claim() is None
    job = Job.objects.get()
    assert job.failed_at is not None
    assert "stopped" in job.error


def test_mail_is_sent_once_for_its_key_with_the_senders_name(settings):
    settings.DEFAULT_FROM_EMAIL = "Family Centre <noreply@example.org>"
    for _press in range(2):
        mail(
            ["kirjaamo@example.org"],
            subject="Lausuntopyyntö\n perhekeskuksesta",
            text="Hei",
            html="<p>Hei</p>",
            key="request-1",
            from_name="Liisa Mallikas",
            reply_to=["liisa@example.org"],
        )
    assert outbox.outbox == []
    assert run_due() == 1
    [message] = outbox.outbox
    assert message.subject == "Lausuntopyyntö perhekeskuksesta"
    assert message.from_email == "Liisa Mallikas <noreply@example.org>"
    assert message.to == ["kirjaamo@example.org"]
    assert message.reply_to == ["liisa@example.org"]
    assert message.alternatives[0].content == "<p>Hei</p>"


def test_a_name_of_two_lines_does_not_keep_its_mail_from_leaving():
    mail(["a@example.org"], subject="s", text="t", key="k", from_name="Liisa\r\nBcc: x@example.org")
    run_due()
    assert [message.from_email.partition(" <")[0] for message in outbox.outbox] == ['"Liisa Bcc: x@example.org"']


def test_mail_sent_twice_has_the_same_message_number():
    job = mail(["a@example.org"], subject="s", text="t", key="k")
    send_mail(job.payload)
    send_mail(job.payload)
    first, second = (message.extra_headers["Message-ID"] for message in outbox.outbox)
    assert first == second
    assert re.fullmatch(r"<[0-9a-f]{32}@[\w.]+>", first)
    run_due()
    mail(["a@example.org"], subject="s", text="t", key="k")
    run_due()
    assert outbox.outbox[-1].extra_headers["Message-ID"] != first


def test_mail_carries_its_attachments():
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    path = default_storage.save("receipt.txt", ContentFile(b"Kiitos"))
    attachment = {"name": "kuitti.txt", "content_type": "text/plain", "path": path}
    mail(["a@example.org"], subject="s", text="t", key="k", attachments=[attachment])
    run_due()
    [message] = outbox.outbox
    assert [tuple(one) for one in message.attachments] == [("kuitti.txt", "Kiitos", "text/plain")]


def test_mail_to_nobody_is_a_programming_error():
    with pytest.raises(ValueError, match="receiver"):
        mail([], subject="s", text="t", key="k")


def test_tick_asks_once_in_a_period_and_forgets_old_jobs(own_handler):
    own_handler("weekly", lambda payload: None, every=datetime.timedelta(days=7))
    with time_machine.travel(NOW, tick=False):
        assert {"seal_audit", "weekly"} <= set(tick())
        assert tick() == []
        run_due()
        assert tick() == []
    with time_machine.travel(NOW + datetime.timedelta(days=7), tick=False):
        assert {"seal_audit", "weekly"} <= set(tick())
    with time_machine.travel(NOW + KEPT + datetime.timedelta(days=1), tick=False):
        tick()
    assert Job.objects.filter(finished_at=NOW).count() == 0


def test_run_jobs_once_does_what_is_due(own_handler, capsys):
    done = []
    own_handler("count", done.append)
    enqueue("count", {}, key="count-1")
    call_command("run_jobs", "--once")
    assert done == [{}]
    assert capsys.readouterr().out == "1 jobs done.\n"


def test_run_jobs_forever_ticks_works_and_finishes_its_job_when_told_to_stop(own_handler, monkeypatch):
    done = []

    def stop_the_worker(payload):
        signal.raise_signal(signal.SIGTERM)
        done.append(payload)

    own_handler("stop", stop_the_worker)
    monkeypatch.setattr("jobs.management.commands.run_jobs.close_old_connections", lambda: None)
    monkeypatch.setattr("jobs.management.commands.run_jobs.PAUSE", 0.01)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        # The pause after the first, not yet due look is seen, too.
        enqueue("stop", {}, key="stop", run_after=timezone.now() + datetime.timedelta(milliseconds=50))
        call_command("run_jobs", "--forever")
    finally:
        for number, before in handlers.items():
            signal.signal(number, before)
    assert done == [{}]
    assert Job.objects.get(kind="stop").finished_at is not None
    assert Job.objects.filter(kind="seal_audit").count() == 1


def test_tick_command_names_what_it_asked_for(capsys):
    call_command("tick")
    assert "seal_audit" in capsys.readouterr().out.split()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_workers_never_do_the_same_job_at_once(own_handler):
    done = []
    own_handler("shared", lambda payload: done.append(payload["n"]))
    for n in range(40):
        enqueue("shared", {"n": n}, key=f"shared-{n}")

    def worker():
        try:
            run_due()
        finally:
            connection.close()

    threads = [threading.Thread(target=worker, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONGEST)
    assert not any(thread.is_alive() for thread in threads)
    assert sorted(done) == list(range(40))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_many_that_ask_at_once_make_one_job(own_handler):
    own_handler("shared", lambda payload: None)
    together = threading.Barrier(6)
    found = []

    def ask():
        try:
            together.wait(LONGEST)
            found.append(enqueue("shared", {}, key="shared").pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONGEST)
    assert not any(thread.is_alive() for thread in threads)
    assert found == [Job.objects.get().pk] * 6
