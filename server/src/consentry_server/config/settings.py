"""Django's settings, all from the environment through `env`."""

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

import consentry_server
from consentry_server.config import env, safety
from consentry_server.members import rules

MODE = env.mode()
DATA = env.data_folder()
INSTANCE_KEY = env.instance_key(DATA)
STORAGE = env.storage(DATA)
STORAGE_ADDRESS = env.storage_address()
INTERNAL_REDIRECT = env.internal_redirect()
SITE_URL = env.text("SITE_URL").rstrip("/")
SUPPORT_EMAIL = env.text("SUPPORT_EMAIL")
UPLOAD_LIMIT = env.number("UPLOAD_LIMIT")
OWN_FILES_LIMIT = env.number("OWN_FILES_LIMIT")
PROXIES = env.number("PROXIES")
WEBHOOK_PORTS = env.web_ports("WEBHOOK_PORTS")
WEBHOOK_HOSTS = env.names("WEBHOOK_HOSTS")
WEBHOOK_LOOPBACK = env.truth("WEBHOOK_LOOPBACK")
LIMITS = DATA / "limits"  # counts of calls
CALLS_PER_TOKEN, WRITES_PER_TOKEN = env.number("CALLS_PER_TOKEN"), env.number("WRITES_PER_TOKEN")
CALLS_PER_ADDRESS, FAILURES_PER_ADDRESS = env.number("CALLS_PER_ADDRESS"), env.number("FAILURES_PER_ADDRESS")
TRIES_PER_ADDRESS = env.number("TRIES_PER_ADDRESS")

SECRET_KEY = hashlib.blake2b(b"django", key=INSTANCE_KEY).hexdigest()
DEBUG = False
SECURE = SITE_URL.startswith("https://")
ALLOWED_HOSTS = [urlsplit(SITE_URL).hostname or "", *env.names("ALLOWED_HOSTS")]
if MODE != "production":
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]", "testserver"]

INSTALLED_APPS = [
    "consentry_server.audit",
    "consentry_server.outbox",
    "consentry_server.members",
    "consentry_server.datatypes",
    "consentry_server.projects",
    "consentry_server.sharing",
    "consentry_server.tokens",
    "consentry_server.files",
    "consentry_server.messaging",
    "consentry_server.oauth",
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
    "allauth.mfa",
    "allauth.usersessions",
    "oauth2_provider",
]
# The tables of the toolkit are not made: what apps bear is kept in `tokens`.
MIGRATION_MODULES = {"oauth2_provider": None}
DATABASE_ROUTERS = ["consentry_server.config.tables.OursOnly"]
OAUTH2_PROVIDER = {
    "OAUTH2_VALIDATOR_CLASS": "consentry_server.oauth.validator.Validator",
    "OIDC_ENABLED": False,  # its pages; ours are in `oauth`
    "PKCE_REQUIRED": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "ALLOW_URI_WILDCARDS": False,
    **dict.fromkeys(
        (
            "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT",
            "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT",
            "COMPLIANT_BCP_RFC9700_PKCE_METHOD",
            "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT",
            "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS",
            "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE",
            "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN",
            "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME",
            "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING",
            "COMPLIANT_BCP_RFC9700_PKCE_REQUIRED",
        ),
        True,
    ),
}
# The pages' middleware. API requests do not pass it: see config/wsgi.py.
MIDDLEWARE = [
    "consentry_server.config.calling.Calling",
    "consentry_server.web.language.Language",
    "consentry_server.web.middleware.PageHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "consentry_server.web.language.MembersLanguage",
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
                "consentry_server.web.language.languages",
            ],
            "builtins": ["django.templatetags.i18n"],
        },
    }
]

DATABASES = {"default": env.database(DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

AUTH_USER_MODEL = "members.Member"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["consentry_server.limits.hashing.Argon2"]
_VALIDATION = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": _VALIDATION + "UserAttributeSimilarityValidator"},
    {"NAME": _VALIDATION + "MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": _VALIDATION + "CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "/account/login/"
LOGIN_REDIRECT_URL = "/member/me/"
# Where somebody who was sent here goes after logging in: signed, in the browser, so that nobody unknown has a row.
RETURN_COOKIE, RETURN_FOR = "__Host-return-to" if SECURE else "return-to", 86400
DEVICE_COOKIE = "__Host-device" if SECURE else "device"
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
# Half of an address's forms with a password may be logins: the operator's limit, told to allauth too.
ACCOUNT_RATE_LIMITS = {
    "reset_password": "20/m/ip,1/m/key",
    "login": f"{TRIES_PER_ADDRESS // 2}/m/ip" if TRIES_PER_ADDRESS else None,
}
ACCOUNT_USERNAME_BLACKLIST = ["admin", "administrator", "moderator", "openhuman", "consentry", "staff"]
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
MFA_ADAPTER = "consentry_server.web.second_step.Adapter"
MFA_FORMS = {
    "add_webauthn": "consentry_server.web.second_step_forms.AddKey",
    "login_webauthn": "consentry_server.web.second_step_forms.LogInWithKey",
    "authenticate_webauthn": "consentry_server.web.second_step_forms.StepWithKey",
    "reauthenticate_webauthn": "consentry_server.web.second_step_forms.AgainWithKey",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_PASSKEY_LOGIN_ENABLED = True

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
LANGUAGE_CODE = "en"  # of what programs are told, and of whoever asks for a language that is not here
LANGUAGES = list(rules.LANGUAGES.items())
LANGUAGE_COOKIE_NAME = "__Host-language" if SECURE else "language"
LOCALE_PATHS = [Path(consentry_server.__file__).parent / "locale"]
FORMAT_MODULE_PATH = "consentry_server.web.formats"
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
STAFF_SITE = env.truth("STAFF_SITE")
STAFF_PATH = env.text("STAFF_PATH").strip("/")
STAFF_ADDRESSES = env.networks("STAFF_ADDRESSES")
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
        webhook_loopback=WEBHOOK_LOOPBACK,
        smtp=bool(EMAIL.get("host")),
        staff_path=STAFF_PATH if STAFF_SITE else None,
        sqlite_version=env.sqlite_version(),
        modes=env.modes(DATA, DATA / "keys", DATA / "keys" / "instance.key", STORAGE),
    )
)
