"""Addresses of the files made of a version; part of `documents.urls`, which knows the converters."""

from django.urls import path

from documents.views import renditions

FILE = "<slug:region>/<kind:kind>/<slug:public_id>/<version:number>/<slug:format>/<slug:layout>/<slug:language>/"

urlpatterns = [
    path(FILE, renditions.rendition_detail, name="rendition"),
    path(f"{FILE}make/", renditions.rendition_make, name="rendition-make"),
]
