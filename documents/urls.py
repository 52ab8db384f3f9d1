"""Addresses of documents: `/<region>/<kind>/<public id>/…`, below the interface language."""

from django.urls import include, path, register_converter

from documents.models import Document
from documents.views import document, files, history, outline, section, versions


class KindConverter:
    """A kind of document as it stands in addresses."""

    regex = "|".join(Document.Kind.values)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return str(value)


class VersionConverter:
    """A version's number as it stands in addresses: `v4`."""

    regex = "v[1-9][0-9]{0,5}"

    def to_python(self, value: str) -> int:
        return int(value[1:])

    def to_url(self, value: int) -> str:
        return f"v{int(value)}"


register_converter(KindConverter, "kind")
register_converter(VersionConverter, "version")

app_name = "documents"

ONE = "<slug:region>/<kind:kind>/<slug:public_id>/"
SECTION = f"{ONE}s/<slug:key>/"

urlpatterns = [
    path("<slug:region>/<kind:kind>/", document.document_list, name="document-list"),
    path(ONE, document.document_detail, name="document-detail"),
    path(f"{ONE}in/<slug:language>/", document.document_detail, name="document-detail"),
    path(f"{ONE}settings/", document.document_settings, name="document-settings"),
    path(f"{ONE}files/<slug:file_id>/", files.file_detail, name="file"),
    path(f"{ONE}pictures/add/", files.picture_add, name="picture-add"),
    path(f"{ONE}outline/", outline.document_outline, name="document-outline"),
    path(f"{ONE}sections/add/", outline.section_add, name="section-add"),
    path(SECTION, section.section_detail, name="section-detail"),
    path(f"{SECTION}rename/", section.section_rename, name="section-rename"),
    path(f"{SECTION}ready/", section.section_mark_ready, name="section-mark-ready"),
    path(f"{SECTION}draft/", section.section_mark_draft, name="section-mark-draft"),
    path(f"{SECTION}conflicts/<int:number>/keep/", section.conflict_keep, name="conflict-keep"),
    path(f"{SECTION}conflicts/<int:number>/take/", section.conflict_take, name="conflict-take"),
    path(f"{SECTION}conflicts/<int:number>/combine/", section.conflict_combine, name="conflict-combine"),
    path(f"{SECTION}up/", outline.section_up, name="section-up"),
    path(f"{SECTION}down/", outline.section_down, name="section-down"),
    path(f"{SECTION}in/", outline.section_in, name="section-in"),
    path(f"{SECTION}out/", outline.section_out, name="section-out"),
    path(f"{SECTION}add-after/", outline.section_add_after, name="section-add-after"),
    path(f"{SECTION}add-below/", outline.section_add_below, name="section-add-below"),
    path(f"{SECTION}remove/", outline.section_remove, name="section-remove"),
    path(f"{SECTION}bring-back/", outline.section_bring_back, name="section-bring-back"),
    path(f"{SECTION}split/", outline.section_split, name="section-split"),
    path(f"{SECTION}join/", outline.section_join, name="section-join"),
    path(f"{SECTION}history/", history.section_history, name="section-history"),
    path(f"{SECTION}history/compare/", history.section_compare, name="section-compare"),
    path(f"{SECTION}history/<int:number>/", history.section_revision, name="section-revision"),
    path(f"{SECTION}history/<int:number>/restore/", history.section_restore, name="section-restore"),
    path(f"{ONE}versions/", versions.version_list, name="version-list"),
    path(f"{ONE}versions/freeze/", versions.version_freeze, name="version-freeze"),
    path(f"{ONE}versions/compare/", versions.version_compare, name="version-compare"),
    path(f"{ONE}<version:number>/", versions.version_detail, name="version-detail"),
    path(f"{ONE}<version:number>/in/<slug:language>/", versions.version_detail, name="version-detail"),
    path(f"{ONE}<version:number>/publish/", versions.version_publish, name="version-publish"),
    path(f"{ONE}<version:number>/withdraw/", versions.version_withdraw, name="version-withdraw"),
    path(f"{ONE}<version:number>/name/", versions.version_rename, name="version-rename"),
    path("", include("documents.renditions_urls")),
]
