"""Pictures of a document: handing them out and taking them in."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request
from documents.forms import PictureForm
from documents.models import Document
from documents.permissions import can_edit, can_read_draft
from documents.pictures import holds_file, published_file
from documents.rendering import image_url
from documents.views.finding import find_any, find_draft, not_found_or_sign_in, require
from regions.files import IMAGES
from regions.models import StoredFile
from regions.permissions import Rights
from regions.services import open_file, store_file


@require_safe
@login_not_required
def file_detail(request: HttpRequest, region: str, kind: str, public_id: str, file_id: str) -> HttpResponseBase:
    """A picture of the document for those who may read the text in which it stands.

    Pictures are shown in the page; anything else is handed out as an attachment. The name never changes its bytes.
    """
    document, rights = find_any(request, region, kind, public_id)
    stored = StoredFile.objects.filter(public_id=file_id, region=document.region).first()
    if stored is None or not _may_see(request, document, rights, stored):
        return not_found_or_sign_in(request)
    is_image = stored.content_type in IMAGES
    response = FileResponse(
        open_file(stored), content_type=stored.content_type, as_attachment=not is_image, filename=stored.name
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def _may_see(request: HttpRequest, document: Document, rights: Rights, stored: StoredFile) -> bool:
    if can_read_draft(rights, document):
        just_brought = request.user.is_authenticated and stored.uploaded_by_id == request.user.pk
        return just_brought or holds_file(document, stored.public_id)
    return published_file(document, stored.public_id)


@require_POST
def picture_add(request: Request, region: str, kind: str, public_id: str) -> HttpResponse:
    """Store a picture for the text. Answers what the editor needs to put it in; 422 with the errors otherwise."""
    document, rights = find_draft(request, region, kind, public_id)
    require(can_edit(rights, document))
    form = PictureForm(request.POST, request.FILES)
    if form.is_valid():
        upload = form.cleaned_data["picture"]
        try:
            stored = store_file(document.region, name=upload.name, content=upload.read(), by=request.user)
        except ValidationError as error:
            form.add_error("picture", error)
        else:
            return JsonResponse(
                {
                    "file": stored.public_id,
                    "src": image_url(document, stored.public_id),
                    "alt": form.cleaned_data["alt"],
                    "decorative": form.cleaned_data["decorative"],
                    "caption": form.cleaned_data["caption"],
                }
            )
    errors = {name: [str(error) for error in found] for name, found in form.errors.items()}
    return JsonResponse({"errors": errors}, status=422)
