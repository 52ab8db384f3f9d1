"""The one settings file. Everything that differs between installations comes from the environment.

Without any environment this is the embedded installation: SQLite and files under `var/`, mail
written to the console, a secret key made on the first start. `FC_PRODUCTION=1` turns on what a public server needs
and refuses to start without a database, a secret key, host names and a mail address.
"""

import os
import re
import tomllib
from pathlib import Path
from typing import Any

import bootstrap
import environ
from csp.constants import NONCE, NONE, SELF
from django.conf.locale import LANG_INFO
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

PRODUCTION = env.bool("FC_PRODUCTION", default=False)
DEBUG = env.bool("DJANGO_DEBUG", default=False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DJANGO_DEBUG cannot be on together with FC_PRODUCTION.")

VAR_DIR = Path(env.str("FC_VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)


def _embedded_secret_key() -> str:
    """The key of an embedded installation, made once and readable by its owner alone."""
    path = VAR_DIR / "secret-key"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(get_random_secret_key())
    except FileExistsError:
        pass
    return path.read_text()


# Which release this is: files and pages made of a version are made once within a release.
RELEASE: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]

SECRET_KEY = env.str("SECRET_KEY") if PRODUCTION else env.str("SECRET_KEY", default="") or _embedded_secret_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS") if PRODUCTION else env.list("ALLOWED_HOSTS", default=["*"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "modeltranslation",  # before the admin, whose forms it extends
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "django_prose_editor",
    "django_filters",
    "django_tables2",
    "template_partials",
    "accounts",
    "audit",
    "jobs",
    "regions",
    "criteria",
    "documents",
    "directory",
    "reviews",
    "handbooks",
    "plans",
    "familycentre",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "familycentre.middleware.PrivatePagesMiddleware",
    "familycentre.middleware.NoNulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "familycentre.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "familycentre.urls"
WSGI_APPLICATION = "familycentre.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "familycentre.context.site",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Data ---------------------------------------------------------------------------------------

if PRODUCTION:
    DATABASES: dict[str, dict[str, Any]] = {"default": env.db_url("DATABASE_URL")}
else:
    DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'familycentre.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Measured with 50 people saving at once: no "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# To connect costs more than a page's queries; SQLite, too, reads the whole schema anew each time.
DATABASES["default"].setdefault("CONN_MAX_AGE", 600)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MEDIA_ROOT = VAR_DIR / "files"
# Dictionaries of basic forms, packed once by `manage.py prepare`.
LEMMAS_DIR = VAR_DIR / "lemmas"
# Wrong passwords are counted in the cache, so every web process must share it.
CACHES = {
    "default": env.cache_url("CACHE_URL", default=f"filecache://{VAR_DIR / 'cache'}"),
    # What is written out of frozen versions: files on each machine, because a row in a database is slower to read.
    "versions": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": VAR_DIR / "versions",
        "TIMEOUT": 30 * 24 * 60 * 60,
        "OPTIONS": {"MAX_ENTRIES": 1_000},
    },
}
# Django forgets a third of the entries at random when there are more than this (300 by itself), counts among them.
CACHES["default"].setdefault("OPTIONS", {}).setdefault("MAX_ENTRIES", 10_000)

# --- People -------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# E-mail addresses are unique without regard to case by a constraint, which this check does not see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Wrong passwords are counted by address as well; behind a proxy everybody would come from the proxy's.
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0

# --- Languages ----------------------------------------------------------------------------------

LANGUAGE_CODE = "fi"
LANGUAGES = [("fi", "Suomi"), ("sv", "Svenska"), ("en", "English")]
# Labels of reference data have a column for each of these; Northern Saami has no interface of its own.
MODELTRANSLATION_LANGUAGES = ("fi", "sv", "en", "se")
# Django knows no Northern Saami; the admin asks it for the name and the direction of each of these.
LANG_INFO["se"] = {"bidi": False, "code": "se", "name": "Northern Saami", "name_local": "davvisámegiella"}
MODELTRANSLATION_DEFAULT_LANGUAGE = "fi"
MODELTRANSLATION_FALLBACK_LANGUAGES = ("fi", "sv", "en")
# Languages that a document's text can be written in.
CONTENT_LANGUAGES = [("fi", _("Finnish")), ("sv", _("Swedish")), ("en", _("English")), ("se", _("Northern Saami"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Helsinki"
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["familycentre.formats"]

# --- Mail ---------------------------------------------------------------------------------------

if PRODUCTION:
    vars().update(env.email_url("EMAIL_URL"))
    DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL")
else:
    EMAIL_BACKEND = env.str("EMAIL_BACKEND", default="django.core.mail.backends.console.EmailBackend")
    EMAIL_FILE_PATH = str(VAR_DIR / "mail")
    DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Family Centre <noreply@localhost>")

# What links in mails begin with: "https://plans.example.fi". Empty: the host that the visitor's browser asked for.
SITE_URL = env.str("FC_SITE_URL", default="").rstrip("/")

# Who runs this installation and answers for it: named in the accessibility statement and the privacy notice.
OPERATOR_NAME = env.str("FC_OPERATOR_NAME", default="")
CONTACT_EMAIL = env.str("FC_CONTACT_EMAIL", default="")

# --- Files and limits ---------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
# Made by `manage.py build_fonts`
WEB_FONTS_DIR = VAR_DIR / "web-fonts"
WEB_FONTS_DIR.mkdir(exist_ok=True)
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("bootstrap", Path(next(iter(bootstrap.__path__)))),
    ("fonts", WEB_FONTS_DIR),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": env.str("FC_STATICFILES_STORAGE", default="whitenoise.storage.CompressedManifestStaticFilesStorage")
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# Largest Word file that can be imported, in bytes; what it may unpack to, and in how many parts.
IMPORT_MAX_BYTES = env.int("FC_IMPORT_MAX_BYTES", default=20 * 1024 * 1024)
IMPORT_MAX_UNPACKED_BYTES = env.int("FC_IMPORT_MAX_UNPACKED_BYTES", default=200 * 1024 * 1024)
IMPORT_MAX_PARTS = env.int("FC_IMPORT_MAX_PARTS", default=2000)
# Largest file (picture, PDF, Word) that can be stored, in bytes.
STORED_FILE_MAX_BYTES = env.int("FC_STORED_FILE_MAX_BYTES", default=25 * 1024 * 1024)
# Where the malware scanner listens, for files that respondents bring: "unix:/run/clamav/clamd.ctl" or
# "tcp:localhost:3310". Empty: files are not scanned.
CLAMD = env.str("FC_CLAMD", default="")
if CLAMD and not re.fullmatch(r"unix:/.+|tcp:.+:\d+", CLAMD):
    raise ImproperlyConfigured("FC_CLAMD is neither unix:/path nor tcp:host:port.")
# Most pixels that a picture may bring, so that no small file unpacks to gigabytes; photographs of today's phones fit.
PICTURE_MAX_PIXELS = env.int("FC_PICTURE_MAX_PIXELS", default=50_000_000)
# Longest side of a picture as it is kept, in pixels: 300 to the inch across an A4 page.
PICTURE_LONGEST_SIDE = env.int("FC_PICTURE_LONGEST_SIDE", default=2400)
# Most paragraphs, list items and table rows of one section, and most words of one of them.
SECTION_MAX_BLOCKS = env.int("FC_SECTION_MAX_BLOCKS", default=2_000)
BLOCK_MAX_WORDS = env.int("FC_BLOCK_MAX_WORDS", default=5_000)
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

# --- Security -----------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: [] for name in ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "familycentre.middleware.csrf_failure"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
DJANGO_TABLES2_TEMPLATE = "django_tables2/bootstrap5.html"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # Whoever reads a log must not get what a mailed link gives.
    "filters": {"mask_tokens": {"()": "accounts.logs.MaskTokens"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["mask_tokens"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django": {"level": env.str("FC_LOG_LEVEL", default="WARNING")}},
}
