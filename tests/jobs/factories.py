import factory

from jobs.models import Job


class JobFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Job

    kind = "send_mail"
    key = factory.Sequence(lambda n: f"job-{n}")
