"""Addresses of documents: `/<region>/<kind>/<public id>/…`, below the interface language."""

from django.urls import include, path, register_converter

from documents.models import Document
from documents.views import (
    changes,
    document,
    files,
    glossary,
    history,
    notes,
    outline,
    outline_changes,
    phrases,
    presence,
    removing,
    search,
    section,
    timeline,
    translation,
    translation_file,
    versions,
)


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
    path("search/", search.search, name="search"),
    path("<slug:region>/search/", search.region_search, name="region-search"),
    path("<slug:region>/glossary/", glossary.glossary, name="glossary"),
    path("<slug:region>/glossary/add/", glossary.term_add, name="glossary-add"),
    path("<slug:region>/glossary/standard/", glossary.glossary_import, name="glossary-import"),
    path("<slug:region>/glossary/<slug:term_id>/edit/", glossary.term_edit, name="glossary-edit"),
    path("<slug:region>/glossary/<slug:term_id>/remove/", glossary.term_remove, name="glossary-remove"),
    path("<slug:region>/phrases/", phrases.phrase_list, name="phrase-list"),
    path("<slug:region>/phrases/add/", phrases.phrase_add, name="phrase-add"),
    path("<slug:region>/phrases/<slug:phrase_id>/edit/", phrases.phrase_edit, name="phrase-edit"),
    path("<slug:region>/phrases/<slug:phrase_id>/remove/", phrases.phrase_remove, name="phrase-remove"),
    path("<slug:region>/<kind:kind>/", document.document_list, name="document-list"),
    path(ONE, document.document_detail, name="document-detail"),
    path(f"{ONE}in/<slug:language>/", document.document_detail, name="document-detail"),
    path(f"{ONE}settings/", document.document_settings, name="document-settings"),
    path(f"{ONE}remove/", removing.document_remove, name="document-remove"),
    path(f"{ONE}files/<slug:file_id>/", files.file_detail, name="file"),
    path(f"{ONE}pictures/add/", files.picture_add, name="picture-add"),
    path(f"{ONE}outline/", outline.document_outline, name="document-outline"),
    path(f"{ONE}sections/add/", outline_changes.section_add, name="section-add"),
    path(SECTION, section.section_detail, name="section-detail"),
    path(f"{SECTION}rename/", outline_changes.section_rename, name="section-rename"),
    path(f"{SECTION}ready/", section.section_mark_ready, name="section-mark-ready"),
    path(f"{SECTION}draft/", section.section_mark_draft, name="section-mark-draft"),
    path(f"{SECTION}conflicts/<int:number>/keep/", section.conflict_keep, name="conflict-keep"),
    path(f"{SECTION}conflicts/<int:number>/take/", section.conflict_take, name="conflict-take"),
    path(f"{SECTION}conflicts/<int:number>/combine/", section.conflict_combine, name="conflict-combine"),
    path(f"{SECTION}presence/", presence.section_presence, name="section-presence"),
    path(f"{SECTION}translate/<slug:language>/", translation.section_translate, name="section-translate"),
    path(f"{SECTION}outline/", outline.section_outline, name="section-outline"),
    path(f"{SECTION}move/", outline.section_move, name="section-move"),
    path(f"{SECTION}up/", outline.section_up, name="section-up"),
    path(f"{SECTION}down/", outline.section_down, name="section-down"),
    path(f"{SECTION}in/", outline.section_in, name="section-in"),
    path(f"{SECTION}out/", outline.section_out, name="section-out"),
    path(f"{SECTION}add-after/", outline_changes.section_add_after, name="section-add-after"),
    path(f"{SECTION}add-below/", outline_changes.section_add_below, name="section-add-below"),
    path(f"{SECTION}remove/", outline.section_remove, name="section-remove"),
    path(f"{SECTION}bring-back/", outline.section_bring_back, name="section-bring-back"),
    path(f"{SECTION}split/", outline_changes.section_split, name="section-split"),
    path(f"{SECTION}join/", outline_changes.section_join, name="section-join"),
    path(f"{SECTION}history/", history.section_history, name="section-history"),
    path(f"{SECTION}history/compare/", history.section_compare, name="section-compare"),
    path(f"{SECTION}history/<int:number>/", history.section_revision, name="section-revision"),
    path(f"{SECTION}history/<int:number>/restore/", history.section_restore, name="section-restore"),
    path(f"{SECTION}history/<int:number>/blocks/<slug:block_id>/restore/", history.block_restore, name="block-restore"),
    path(f"{SECTION}authors/", history.section_authors, name="section-authors"),
    path(f"{ONE}history/", timeline.document_history, name="document-history"),
    path(f"{ONE}history/then/", timeline.document_then, name="document-then"),
    path(f"{ONE}history/compare/", timeline.document_compare, name="document-compare"),
    path(f"{ONE}history/restore/", timeline.document_restore, name="document-restore"),
    path(f"{ONE}changes/", changes.change_list, name="change-list"),
    path(f"{ONE}changes/seen/", changes.changes_seen, name="changes-seen"),
    path(f"{ONE}translations/<slug:language>/", translation.translation_list, name="translation-list"),
    path(f"{ONE}translations/<slug:language>/word/", translation_file.translation_word, name="translation-word"),
    path(
        f"{ONE}translations/<slug:language>/import/",
        translation_file.translation_import_add,
        name="translation-import-add",
    ),
    path(
        f"{ONE}translations/<slug:language>/import/<slug:file_id>/",
        translation_file.translation_import,
        name="translation-import",
    ),
    path(f"{ONE}versions/", versions.version_list, name="version-list"),
    path(f"{ONE}versions/freeze/", versions.version_freeze, name="version-freeze"),
    path(f"{ONE}versions/compare/", versions.version_compare, name="version-compare"),
    path(f"{ONE}<version:number>/", versions.version_detail, name="version-detail"),
    path(f"{ONE}<version:number>/in/<slug:language>/", versions.version_detail, name="version-detail"),
    path(f"{ONE}<version:number>/publish/", versions.version_publish, name="version-publish"),
    path(f"{ONE}<version:number>/withdraw/", versions.version_withdraw, name="version-withdraw"),
    path(f"{ONE}<version:number>/name/", versions.version_rename, name="version-rename"),
    path(f"{ONE}notes/", notes.note_list, name="note-list"),
    path(f"{ONE}notes/add/", notes.note_add, name="note-add"),
    path(f"{ONE}notes/<slug:note>/", notes.note_detail, name="note-detail"),
    path(f"{ONE}notes/<slug:note>/answer/", notes.note_answer, name="note-answer"),
    path(f"{ONE}notes/<slug:note>/resolve/", notes.note_resolve, name="note-resolve"),
    path(f"{ONE}notes/<slug:note>/reopen/", notes.note_reopen, name="note-reopen"),
    path(f"{ONE}notes/<slug:note>/edit/", notes.note_edit, name="note-edit"),
    path("", include("documents.renditions_urls")),
]
