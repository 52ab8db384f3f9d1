"""Reading a version and saying something about its places."""

from django.urls import URLPattern, URLResolver, path

from reviews.views import commenting, reading

_ROUND = "<slug:region>/answer/<slug:round_id>"
_REMARK = f"{_ROUND}/remarks/<slug:remark_id>"

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{_ROUND}/text/", reading.text, name="text"),
    path(f"{_ROUND}/comment/", commenting.remark_add, name="remark-add"),
    path(f"{_ROUND}/comment/<slug:section_key>/", commenting.remark_add, name="remark-add"),
    path(f"{_ROUND}/comment/<slug:section_key>/<slug:block_id>/", commenting.remark_add, name="remark-add"),
    path(f"{_ROUND}/remarks/", reading.my_remarks, name="my-remarks"),
    path(f"{_REMARK}/edit/", commenting.remark_edit, name="remark-edit"),
    path(f"{_REMARK}/remove/", commenting.remark_remove, name="remark-remove"),
    path(f"{_REMARK}/report/", commenting.remark_report, name="remark-report"),
]
