"""Django's settings, all of them derived from `config.environment`."""

import os
from datetime import timedelta
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from config import logs
from config.environment import ROOT, read

ENVIRONMENT = read(os.environ)

SECRET_KEY = ENVIRONMENT.secret_key
DEBUG = False
ALLOWED_HOSTS = sorted(
    {
        urlsplit(ENVIRONMENT.site).hostname or "",
        ENVIRONMENT.host,
        "localhost",
        "127.0.0.1",
        *ENVIRONMENT.allowed_hosts,
    }
    - {"", "0.0.0.0", "::"}  # noqa: S104  (no host names; nothing is bound here)
)

# The desk's own settings, under the names the apps use.
DESK_URL = ENVIRONMENT.site
DATA_DIR = ENVIRONMENT.data_dir
KNOWLEDGE_DIR = ENVIRONMENT.knowledge_dir
DOMAIN_FILE = ENVIRONMENT.domain_file
ORGANISATION_FILE = ENVIRONMENT.organisation_file
SERVICE_HOURS = ENVIRONMENT.service_hours
CLOSING_SOON_MINUTES = ENVIRONMENT.closing_soon_minutes
BOT_URL = ENVIRONMENT.bot_url
REDIS_URL = ENVIRONMENT.redis_url
EMBED_ORIGINS = ENVIRONMENT.embed_origins
RATE_LIMIT = ENVIRONMENT.rate_limit == "on"
IDLE_WARNING_MINUTES = ENVIRONMENT.idle_warning_minutes
IDLE_CLOSE_MINUTES = ENVIRONMENT.idle_close_minutes
QUEUE_REMINDER_MINUTES = ENVIRONMENT.queue_reminder_minutes
FOLLOW_UP_HOURS = ENVIRONMENT.follow_up_hours
PHONE_REGION = ENVIRONMENT.phone_region
RESUME_LINK_HOURS = ENVIRONMENT.resume_link_hours
EMPTY_EXPIRY_HOURS = ENVIRONMENT.empty_expiry_hours
RETENTION_DAYS = ENVIRONMENT.retention_days
PRESENCE_SECONDS = ENVIRONMENT.presence_seconds
VANISHED_SECONDS = ENVIRONMENT.vanished_seconds
TRANSFER_SECONDS = ENVIRONMENT.transfer_seconds
SECOND_READER = ENVIRONMENT.second_reader == "on"
WIDGET_DIR = ROOT / "widget"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "audit",
    "retention",
    "staff",
    "availability",
    "conversations",
    "relay",
    "turns",
    "gateway",
    "console",
    "review",
]

MIDDLEWARE = [
    "config.middleware.RequestIdMiddleware",
    "gateway.middleware.PublicApiMiddleware",
    "config.middleware.StreamingMiddleware",
    "config.inline.Security",
    "config.inline.Csp",
    "config.middleware.PermissionsPolicyMiddleware",
    "config.static_files.StaticFilesMiddleware",
    "config.inline.Session",
    "config.inline.Common",
    "config.inline.Csrf",
    "config.inline.Authentication",
    "config.inline.Messages",
    "config.inline.XFrameOptions",
    "staff.middleware.PresenceMiddleware",
    "availability.middleware.ServiceClockMiddleware",
    # Last: it turns a locked-out sign-in into its own answer.
    "axes.middleware.AxesMiddleware",
]

# They look for the names of Django's own classes; `config.inline` has subclasses of them.
SILENCED_SYSTEM_CHECKS = ["security.W001", "security.W002", "security.W003"]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "console.badges.follow_up_counts",
            ]
        },
    }
]

DATABASES = {"default": ENVIRONMENT.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Staff accounts and sign-in
AUTH_USER_MODEL = "staff.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "staff.backends.AccountBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/staff/sign-in"
LOGIN_REDIRECT_URL = "/console/"
LOGOUT_REDIRECT_URL = "/staff/sign-in?signed-out=yes"
AXES_FAILURE_LIMIT = ENVIRONMENT.sign_in_attempts
AXES_COOLOFF_TIME = timedelta(minutes=ENVIRONMENT.sign_in_lock_minutes)
# Name and address together: nobody can lock a colleague out from elsewhere.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "staff/locked_out.html"
AXES_HTTP_RESPONSE_CODE = 429

# Cookies, transport and headers
SESSION_COOKIE_AGE = 12 * 60 * 60  # One working day.
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = ENVIRONMENT.is_https
CSRF_COOKIE_SECURE = ENVIRONMENT.is_https
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.site]
SECURE_SSL_REDIRECT = ENVIRONMENT.is_https
# Asked for over plain loopback by the supervisor and by the action server.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^api/v1/service$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if ENVIRONMENT.is_https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = ENVIRONMENT.is_https
SECURE_HSTS_PRELOAD = ENVIRONMENT.is_https
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "media-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024  # The longest message is 4,000 characters.

# Static files straight from the apps: nothing has to be collected before a start.
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ALLOW_ALL_ORIGINS = False  # The widget's files are the gateway's matter.
WHITENOISE_MAX_AGE = 300

# Mail
SENDS_MAIL = bool(ENVIRONMENT.smtp_host)
MAIL_REPLY_TO = ENVIRONMENT.mail_reply_to
DUTY_EMAIL = ENVIRONMENT.duty_email
DUTY_ALERT_MINUTES = ENVIRONMENT.duty_alert_minutes
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if ENVIRONMENT.smtp_host
    else "django.core.mail.backends.dummy.EmailBackend"
)
EMAIL_HOST = ENVIRONMENT.smtp_host
EMAIL_PORT = ENVIRONMENT.smtp_port
EMAIL_HOST_USER = ENVIRONMENT.smtp_user
EMAIL_HOST_PASSWORD = ENVIRONMENT.smtp_password
EMAIL_USE_TLS = ENVIRONMENT.smtp_security == "starttls"
EMAIL_USE_SSL = ENVIRONMENT.smtp_security == "tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = ENVIRONMENT.smtp_from or "desk@localhost"

LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True

LOGGING = logs.configuration(ENVIRONMENT.log_level)
