"""Frozen versions: making, naming, reading and comparing them."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import formats, timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from documents import frozen
from documents.forms import CompareForm, VersionNameForm
from documents.models import Document, Rendition, Version
from documents.permissions import can_coordinate, can_read_draft
from documents.queries import Side, document_changes, is_published, outline_of
from documents.rendering import ReadSection, plain_languages, read_frozen
from documents.services.versions import freeze, name_version
from documents.views.finding import (
    Crumbs,
    address,
    content_language,
    document_crumbs,
    find_any,
    find_draft,
    find_version,
    languages_of,
    not_found_or_sign_in,
    require,
)
