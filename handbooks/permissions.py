"""Who may do what with templates and handbooks. Everything follows from memberships on the date (`rights_of`)."""

from documents.permissions import can_edit
from handbooks.models import Handbook, Template
from regions.models import Region
from regions.permissions import Rights


def can_create_handbook(rights: Rights, region: Region) -> bool:
    """Coordinators of the region make templates and handbooks."""
    return rights.coordinates(region)


def can_use_template(rights: Rights, template: Template) -> bool:
    """Take the template out as a Word form: the coordinators, and everyone else who works in the region."""
    return rights.coordinates(template.region) or rights.in_region(template.region)


def can_change_template(rights: Rights, template: Template) -> bool:
    """Write what a template's tasks ask: the coordinators."""
    return rights.coordinates(template.region)


def can_import(rights: Rights, handbook: Handbook) -> bool:
    """Bring in a Word file: those who write the handbook."""
    return can_edit(rights, handbook.document)


def can_assess(rights: Rights, handbook: Handbook) -> bool:
    return can_edit(rights, handbook.document)


def can_hand_in(rights: Rights, handbook: Handbook) -> bool:
    """Hand the handbook in, and take it back: its writing group, and the coordinators for it."""
    return can_edit(rights, handbook.document)


def can_upgrade_template(rights: Rights, handbook: Handbook) -> bool:
    """Bind the handbook to a newer version of its template: the coordinators."""
    return rights.coordinates(handbook.region)
