"""The application as gunicorn serves it, with the empty view beside its own addresses."""

from django.conf import settings

from familycentre.wsgi import application

__all__ = ["application"]

settings.ROOT_URLCONF = "bench.urls"
