"""Who: regions and their parts, organisations, bodies and the people in them, and stored files."""

from regions.models.bodies import Body, Meeting, Membership
from regions.models.files import StoredFile
from regions.models.geography import Area, CollaborativeArea, Municipality, Region
from regions.models.organisations import Mandate, Organisation, OrganisationGroup

__all__ = [
    "Area",
    "Body",
    "CollaborativeArea",
    "Mandate",
    "Meeting",
    "Membership",
    "Municipality",
    "Organisation",
    "OrganisationGroup",
    "Region",
    "StoredFile",
]
