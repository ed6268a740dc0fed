"""Django's settings, all from the environment through `env`."""

import hashlib
from urllib.parse import urlsplit

from consentry_server.config import env, safety

MODE = env.mode()
DATA = env.data_folder()
INSTANCE_KEY = env.instance_key(DATA)
STORAGE = env.text("STORAGE") or str(DATA / "blobs")
SITE_URL = env.text("SITE_URL").rstrip("/")
SUPPORT_EMAIL = env.text("SUPPORT_EMAIL")
UPLOAD_LIMIT = env.number("UPLOAD_LIMIT")
PROXIES = env.number("PROXIES")

SECRET_KEY = hashlib.blake2b(b"django", key=INSTANCE_KEY).hexdigest()
DEBUG = False
SECURE = SITE_URL.startswith("https://")
ALLOWED_HOSTS = [urlsplit(SITE_URL).hostname or "", *env.names("ALLOWED_HOSTS")]
if MODE != "production":
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]", "testserver"]

INSTALLED_APPS = [
    "consentry_server.audit",
    "consentry_server.members",
    "consentry_server.projects",
    "consentry_server.sharing",
    "consentry_server.tokens",
    "consentry_server.files",
    "consentry_server.web",
    "consentry_server.staff",
    "consentry_server.ops",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
]
# The pages' middleware. API requests do not pass it: see config/wsgi.py.
MIDDLEWARE = [
    "consentry_server.web.middleware.PageHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "consentry_server.config.urls"
WSGI_APPLICATION = "consentry_server.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "consentry_server.web.middleware.site",
            ]
        },
    }
]

DATABASES = {"default": env.database(DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

AUTH_USER_MODEL = "members.Member"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
_VALIDATION = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": _VALIDATION + "UserAttributeSimilarityValidator"},
    {"NAME": _VALIDATION + "MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": _VALIDATION + "CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "/account/login/"
LOGIN_REDIRECT_URL = "/member/me/data/"
ACCOUNT_ADAPTER = "consentry_server.web.account.Adapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "consentry_server.web.account.SignupFields"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
# A link to a forgotten password goes to one address once a minute at most.
ACCOUNT_RATE_LIMITS = {"reset_password": "20/m/ip,1/m/key"}
ACCOUNT_USERNAME_BLACKLIST = ["admin", "administrator", "moderator", "consentry", "staff"]
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES

EMAIL_BACKEND, EMAIL = env.mail(DATA)
EMAIL_FILE_PATH = EMAIL.get("folder")
EMAIL_HOST, EMAIL_PORT = EMAIL.get("host", ""), int(EMAIL.get("port", "25"))
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = EMAIL.get("user", ""), EMAIL.get("password", "")
EMAIL_USE_SSL = EMAIL.get("scheme") == "smtps"
EMAIL_USE_TLS = EMAIL.get("scheme") == "smtp+starttls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("MAIL_FROM")

SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31536000 if SECURE else 0
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
USE_X_FORWARDED_HOST = PROXIES > 0
X_FRAME_OPTIONS = "DENY"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
STAFF_SITE = env.truth("STAFF_SITE")
STAFF_PATH = env.text("STAFF_PATH").strip("/")
SILENCED_SYSTEM_CHECKS: list[str] = []
LOGGING = env.logging()

# For the commands `check`, `serve` and `settings-table`, which cannot import this room.
KNOWN_SETTINGS = env.SETTINGS
FAULTS = safety.faults(
    safety.Setup(
        site_url=SITE_URL,
        hosts=tuple(ALLOWED_HOSTS),
        debug=DEBUG,
        proxies=PROXIES,
        smtp=bool(EMAIL.get("host")),
        staff_path=STAFF_PATH if STAFF_SITE else None,
        sqlite_version=env.sqlite_version(),
        modes=env.modes(DATA, DATA / "keys", DATA / "keys" / "instance.key", STORAGE),
    )
)
