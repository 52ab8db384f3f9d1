"""How relations are chosen in the admin."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect
from django.db import models


class KnownAutocompleteSelect(AutocompleteSelect):
    """An autocomplete field that shows a row it already has, where Django's reads it from the database once more.

    In a page of many rows that would be a query for each.
    """

    known: models.Model | None = None

    def optgroups(self, name: str, value: Sequence[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        if self.known is None or list(value) != [str(self.known.pk)]:
            return super().optgroups(name, value, attrs)
        options = [self.create_option(name, value[0], str(self.known), True, 0)]
        if not self.is_required:
            options.insert(0, self.create_option(name, "", "", False, 0))
        return [(None, options, 0)]
