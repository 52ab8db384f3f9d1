"""What comes in by other ways: entered by hand, as spreadsheets."""

from django.urls import URLPattern, URLResolver, path

from reviews.views import entering, importing, received

ROUND = "<slug:region>/rounds/<slug:round_id>/"
LIST = f"{ROUND}statements/"
ONE = f"{LIST}<slug:statement_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(LIST, received.statement_list, name="statement-list"),
    path(f"{LIST}export/", received.statement_export, name="statement-export"),
    path(f"{LIST}add/", entering.statement_enter, name="statement-enter"),
    path(f"{LIST}import/", importing.import_add, name="statement-import"),
    path(f"{LIST}import/<slug:import_id>/", importing.import_detail, name="statement-import-detail"),
    path(f"{LIST}import/<slug:import_id>/remove/", importing.import_remove, name="statement-import-remove"),
    path(ONE, received.statement_detail, name="statement"),
    path(f"{ONE}change/", entering.statement_change, name="statement-change"),
    path(f"{ONE}more/", entering.statement_add_to, name="statement-add-to"),
    path(f"{ONE}pick/", entering.statement_pick, name="statement-pick"),
    path(f"{ONE}picked/<slug:remark_id>/remove/", entering.statement_put_back, name="statement-put-back"),
    path(f"{ONE}files/<slug:file_id>/", received.statement_file, name="statement-file"),
    path(f"{ONE}receipts/<int:number>/", received.statement_receipt, name="statement-receipt"),
]
