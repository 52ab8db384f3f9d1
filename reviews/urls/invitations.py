"""Who is asked, by mail and by code, and who is silent."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
