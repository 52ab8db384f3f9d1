"""Addresses of mailed links."""

from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("link/gone/", views.link_gone, name="link-gone"),
    path("link/<str:token>/", views.link_open, name="link-open"),
]
