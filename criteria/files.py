"""Criteria sets as readable files (YAML). Every complaint about a file names its line.

The shape, in the order in which it is written:

    criteria_set: key, version, name, source, source_url, official, region, valid_from
    scale: key, name, steps (key, label, description, assessed)
    groups: key, name, criteria (key, code, title, description)

`name`, `label`, `title` and `description` are given by language: `{fi: …, sv: …, en: …, se: …}`.
"""

import datetime
import re
from dataclasses import dataclass
from typing import Any

import yaml
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

Data = dict[str, Any]

# Far above any real set; a file beyond it is not one.
MAX_CHARACTERS = 2_000_000


def _languages() -> tuple[str, ...]:
    return tuple(settings.MODELTRANSLATION_LANGUAGES)


@dataclass(frozen=True)
class _Field:
    """How one entry of a mapping is read: by which method of the reader, and whether it must be there."""

    read: str
    required: bool = False
    longest: int | None = None
    default: Any = ""


# Lengths are those of the columns.
_SET = {
    "key": _Field("slug", required=True, longest=50),
    "version": _Field("text", required=True, longest=20),
    "name": _Field("texts", required=True, longest=200),
    "source": _Field("text", required=True),
    "source_url": _Field("address", longest=200),
    "official": _Field("yes_or_no", default=False),
    "region": _Field("text", longest=2),
    "valid_from": _Field("date", default=None),
}
_SCALE = {
    "key": _Field("slug", required=True, longest=50),
    "name": _Field("texts", required=True, longest=150),
    "steps": _Field("steps", required=True),
}
_STEP = {
    "key": _Field("slug", required=True, longest=50),
    "label": _Field("texts", required=True, longest=60),
    "description": _Field("texts", default={}),
    "assessed": _Field("yes_or_no", default=True),
}
_GROUP = {
    "key": _Field("slug", required=True, longest=50),
    "name": _Field("texts", required=True, longest=150),
    "criteria": _Field("criteria", required=True),
}
_CRITERION = {
    "key": _Field("slug", required=True, longest=50),
    "code": _Field("text", longest=20),
    "title": _Field("texts", required=True, longest=200),
    "description": _Field("texts", default={}),
}
_FILE = {
    "criteria_set": _Field("criteria_set", required=True),
    "scale": _Field("scale", required=True),
    "groups": _Field("groups", required=True),
}


class _Reader:
    """Turns the nodes of a parsed file into plain data and gathers every complaint with its line."""

    def __init__(self) -> None:
        self.errors: list[ValidationError] = []
        self._keys: dict[str, dict[str, int]] = {}

    def complain(self, node: yaml.Node | yaml.Event | yaml.Mark, message: str) -> None:
        mark = node if isinstance(node, yaml.Mark) else node.start_mark
        self.complain_of_line(mark.line + 1 if mark else 1, message)

    def complain_of_line(self, line: int, message: str) -> None:
        self.errors.append(
            ValidationError(
                _("Line %(line)s: %(message)s"),
                code="criteria_file",
                params={"line": line, "message": message},
            )
        )

    def mapping(self, node: yaml.Node, fields: dict[str, _Field]) -> Data:
        data: Data = {name: field.default for name, field in fields.items()}
        if not isinstance(node, yaml.MappingNode):
            names = ", ".join(fields)
            self.complain(node, _("Here must be entries with these names: %(names)s.") % {"names": names})
            return data
        seen: set[str] = set()
        for key_node, value_node in node.value:
            name = key_node.value if isinstance(key_node, yaml.ScalarNode) else ""
            if name not in fields:
                names = ", ".join(fields)
                self.complain(
                    key_node,
                    _("“%(name)s” is not known here. Known are: %(names)s.") % {"name": name, "names": names},
                )
            elif name in seen:
                self.complain(key_node, _("“%(name)s” is here twice.") % {"name": name})
            else:
                seen.add(name)
                data[name] = getattr(self, fields[name].read)(value_node, fields[name])
        for name, field in fields.items():
            if field.required and name not in seen:
                self.complain(node, _("“%(name)s” is missing.") % {"name": name})
        return data

    def text(self, node: yaml.Node, field: _Field) -> str:
        if not isinstance(node, yaml.ScalarNode):
            self.complain(node, _("Here must be text."))
            return ""
        value = "" if node.tag == "tag:yaml.org,2002:null" else str(node.value).strip()
        if field.required and not value:
            self.complain(node, _("This must not be empty."))
        if field.longest and len(value) > field.longest:
            self.complain(node, _("This is too long: at most %(longest)s characters.") % {"longest": field.longest})
        return value

    def slug(self, node: yaml.Node, field: _Field) -> str:
        value = self.text(node, field)
        if value and not re.fullmatch(r"[a-z0-9_-]+", value):
            self.complain(node, _("A key has only the letters a–z, digits, “-” and “_”."))
        return value

    def address(self, node: yaml.Node, field: _Field) -> str:
        value = self.text(node, field)
        if value and not re.fullmatch(r"https?://\S+", value):
            self.complain(node, _("This is not a web address."))
        return value

    def yes_or_no(self, node: yaml.Node, field: _Field) -> bool:
        value = self.text(node, field)
        if value not in ("true", "false"):
            self.complain(node, _("Write true or false."))
        return value == "true"

    def date(self, node: yaml.Node, field: _Field) -> str | None:
        value = self.text(node, field)
        if not value:
            return None
        try:
            return datetime.date.fromisoformat(value).isoformat()
        except ValueError:
            self.complain(node, _("Write the date as year-month-day, for example 2025-01-31."))
            return None

    def texts(self, node: yaml.Node, field: _Field) -> dict[str, str]:
        """A text by language; Finnish must be there when the field is required. Empty ones are left out."""
        languages = {
            language: _Field("text", required=field.required and language == "fi", longest=field.longest)
            for language in _languages()
        }
        return {language: value for language, value in self.mapping(node, languages).items() if value}

    def _list(self, node: yaml.Node, fields: dict[str, _Field]) -> list[Data]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self.complain(node, _("Here must be a list with at least one item, each beginning with “-”."))
            return []
        return [self.mapping(item, fields) for item in node.value]

    def _unique_keys(self, node: yaml.Node, what: str) -> None:
        """Complain of keys that the file has used before for the same kind of thing."""
        seen = self._keys.setdefault(what, {})
        for item in node.value if isinstance(node, yaml.SequenceNode) else []:
            for key_node, value_node in item.value if isinstance(item, yaml.MappingNode) else []:
                if key_node.value == "key" and isinstance(value_node, yaml.ScalarNode):
                    line = seen.setdefault(value_node.value, value_node.start_mark.line + 1)
                    if line != value_node.start_mark.line + 1:
                        self.complain(
                            value_node,
                            _("The key “%(key)s” is already used on line %(line)s.")
                            % {"key": value_node.value, "line": line},
                        )

    def criteria_set(self, node: yaml.Node, field: _Field) -> Data:
        return self.mapping(node, _SET)

    def scale(self, node: yaml.Node, field: _Field) -> Data:
        return self.mapping(node, _SCALE)

    def steps(self, node: yaml.Node, field: _Field) -> list[Data]:
        self._unique_keys(node, "step")
        return self._list(node, _STEP)

    def groups(self, node: yaml.Node, field: _Field) -> list[Data]:
        self._unique_keys(node, "group")
        return self._list(node, _GROUP)

    def criteria(self, node: yaml.Node, field: _Field) -> list[Data]:
        self._unique_keys(node, "criterion")
        return self._list(node, _CRITERION)


def read_criteria(text: str) -> Data:
    """The content of a criteria file as plain data. Raises ValidationError with every fault found and its line."""
    reader = _Reader()
    if len(text) > MAX_CHARACTERS:
        raise ValidationError(_("This file is too large to be a criteria set."), code="criteria_file")
    try:
        # An alias (*name) repeats another part of the file; nested ones grow without bound.
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                reader.complain(event, _("Write the text out; references to other places of the file are not read."))
        node = None if reader.errors else yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if mark is None:
            raise
        reader.complain(mark, _("This cannot be read as YAML: %(problem)s.") % {"problem": error.problem or ""})
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        reader.complain_of_line(line, _("There is a character here that a text file cannot have."))
    else:
        if node is not None:
            data = reader.mapping(node, _FILE)
        elif not reader.errors:
            raise ValidationError(_("The file is empty."), code="criteria_file")
    if reader.errors:
        raise ValidationError(reader.errors)
    return data


class _Dumper(yaml.SafeDumper):
    """Writes lists indented under their name, as people do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def write_criteria(data: Data) -> str:
    """The readable file of a set's data; `read_criteria` gives the same data back."""
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)
