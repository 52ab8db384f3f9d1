import pytest
from django.utils import translation


@pytest.fixture
def english():
    """Messages in the language of the source, whatever the catalogues say."""
    with translation.override("en"):
        yield
