"""What comes in by other ways: entered by hand, as spreadsheets."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
