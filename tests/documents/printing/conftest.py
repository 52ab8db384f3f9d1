import pytest

from documents.printing.document import print_pdf
from tests.documents.printing import texts
from tests.documents.printing.structure import Structure


@pytest.fixture(scope="session")
def handbook_pdf(_unknown_template_variables_fail):
    return print_pdf(texts.edition_of(texts.handbook()), "print/document.html")


@pytest.fixture(scope="session")
def handbook(handbook_pdf):
    return Structure(handbook_pdf)
