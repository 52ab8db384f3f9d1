import factory

from criteria.models import AssessmentScale, CriteriaGroup, CriteriaSet, Criterion, ScaleStep


class AssessmentScaleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AssessmentScale

    key = factory.Sequence(lambda n: f"scale-{n}")
    name_fi = factory.Sequence(lambda n: f"Asteikko {n}")


class ScaleStepFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ScaleStep

    scale = factory.SubFactory(AssessmentScaleFactory)
    key = factory.Sequence(lambda n: f"step-{n}")
    label_fi = factory.Sequence(lambda n: f"Porras {n}")
    position = factory.Sequence(lambda n: n)


class CriteriaSetFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CriteriaSet

    key = factory.Sequence(lambda n: f"set-{n}")
    version = "2025"
    name_fi = factory.Sequence(lambda n: f"Kriteeristö {n}")
    source = "Testi"
    scale = factory.SubFactory(AssessmentScaleFactory)


class CriteriaGroupFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CriteriaGroup

    set = factory.SubFactory(CriteriaSetFactory)
    key = factory.Sequence(lambda n: f"group-{n}")
    name_fi = factory.Sequence(lambda n: f"Kriteeriryhmä {n}")
    position = factory.Sequence(lambda n: n)


class CriterionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Criterion

    set = factory.SubFactory(CriteriaSetFactory)
    group = factory.SubFactory(CriteriaGroupFactory, set=factory.SelfAttribute("..set"))
    key = factory.Sequence(lambda n: f"criterion-{n}")
    code = factory.Sequence(lambda n: f"1.{n}")
    title_fi = factory.Sequence(lambda n: f"Kriteeri {n}")
    position = factory.Sequence(lambda n: n)
