"""Settings: one file for development and production; they differ by environment variables alone (see README)."""

from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from mysite.env import Environment, secret_key

env = Environment()
BASE_DIR = Path(__file__).resolve().parent.parent

# Where everything lives that is not code.
DATA_DIR: Path = env.folder("DATA_DIR", BASE_DIR / "data")
WEIGHTS_DIR: Path = env.folder("WEIGHTS_DIR", DATA_DIR / "weights")
DATASETS_ROOT: Path = env.folder(
    "DATASETS_ROOT", DATA_DIR / "incoming"
)  # folders that a signed-in user may import from
FOLDER_ROOTS: list[Path] = env.folders("FOLDER_ROOTS", DATASETS_ROOT)  # folders that a signed-in user may measure
DEVICE = env.text("DEVICE", "auto", choices=("auto", "cpu", "cuda"))

DEBUG = env.flag("DEBUG", False)
HTTPS = env.flag("HTTPS", False)
SECRET_KEY = secret_key(env.text("SECRET_KEY"), DATA_DIR / "secret_key")
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_tables2",
    "mysite.access",
    "workers",
    "datasetviewer",
    "evaluation",
    "stylized_face",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "mysite.charset.readable_charset",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "mysite.access.idempotency.IdempotencyMiddleware",
]

ROOT_URLCONF = "mysite.urls"
WSGI_APPLICATION = "mysite.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "mysite" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "libraries": {"page_parts": "mysite.page_parts"},
        },
    }
]

# --- database -------------------------------------------------------------------------------------------------------
DATABASES = {"default": env.database("DATABASE_URL", DATA_DIR / "db.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # WAL lets readers go on while one writes; IMMEDIATE makes a writer queue at the start of its transaction instead of
    # failing in the middle of it. Either alone still gives "database is locked".
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}  # a file: threads cannot share a memory database
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864;"
        ),
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# --- jobs -----------------------------------------------------------------------------------------------------------
BROKER_URL = env.broker("BROKER_URL")
BROKER_DIR = DATA_DIR / "broker"
SHARD_PICTURES = env.number("SHARD_PICTURES", 512, low=2, high=1_000_000)  # larger sets are extracted in parts
FEATURES_MAX_GB = env.number("FEATURES_MAX_GB", 20, low=0.001, high=1_000_000)  # kept features; the oldest go first
LEASE_SECONDS = env.number("LEASE_SECONDS", 10, low=2, high=600)
CANCEL_GRACE_SECONDS = env.number("CANCEL_GRACE_SECONDS", 10, low=1, high=600)
WORKER_WARM_UP = {"interactive": ["stylized_face.jobs.warm_up"]}  # dotted paths, called once in a new worker child
STARTUP_HOOKS = ["mysite.startup.sign_in_link", "mysite.startup.demo_dataset", "mysite.startup.device"]
SWEEP_CHORES = {  # dotted path -> seconds between two calls
    "stylized_face.services.stylization_expire": 300,
    "stylized_face.services.samples_request": 60,
    "datasetviewer.services.archives_expire": 3600,
    "evaluation.services.uploads_expire": 600,
    "evaluation.services.features_expire": 3600,
    "evaluation.services.maps.maps_expire": 3600,
    "evaluation.services.preferences.preferences_expire": 3600,
    "evaluation.services.published.published_clear": 3600,
    "mysite.access.services.expired_delete": 3600,
    "datasetviewer.services.dataset_recount_changed": 30,
    "evaluation.services.checkpoints_expire": 3600,
}
TRAINING_SEGMENT_SECONDS = 600  # how long a training keeps its worker while other jobs wait

# --- who may do what ------------------------------------------------------------------------------------------------
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "access:sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "mysite.access.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_PAGINATION_CLASS": "mysite.pagination.PagePagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "mysite.problems.problem_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Face Sketch Workbench",
    "DESCRIPTION": "Browse face photo-sketch datasets, stylise photos, queue evaluations, compare results.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "JobStateEnum": "workers.models.JobState.choices",
        "WorkerStateEnum": "workers.models.WorkerState.choices",
        "FileVerdictEnum": "datasetviewer.models.FileVerdict.choices",
        "ImageVerdictEnum": "datasetviewer.models.Verdict.choices",
        "SplitEnum": "datasetviewer.models.Split.choices",
        "SetSplitEnum": "evaluation.api.outputs.SPLITS",
        "SizeRuleEnum": "evaluation.models.published.SizeRule.choices",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- uploads --------------------------------------------------------------------------------------------------------
UPLOAD_RETENTION_HOURS = env.number("UPLOAD_RETENTION_HOURS", 24, low=0.01, high=24 * 365)
EVALUATION_UPLOAD_MAX_BYTES = 1024**3  # a set of pictures to be measured, from who is signed in
EVALUATION_UPLOAD_MAX_PICTURES = 10_000
DATA_UPLOAD_MAX_NUMBER_FILES = 1_000  # in one request: pictures that are sent one by one; more come as a zip
DATASET_UPLOAD_MAX_BYTES = 4 * 1024**3  # a zip with a dataset, from who is signed in
FILE_UPLOAD_HANDLERS = [
    "mysite.bounded_files.BoundedFiles",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
REQUEST_MAX_FILES = 64  # of any page that has no handlers of its own; each is an open file of the web process
REQUEST_FILES_MAX_BYTES = 128 * 1024 * 1024
UPLOAD_MAX_BYTES = 10 * 1024 * 1024
UPLOAD_MAX_PIXELS = 25_000_000
VISITOR_SKETCHES_PER_HOUR = int(env.number("VISITOR_SKETCHES_PER_HOUR", 30, low=1, high=100_000))
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- pages ----------------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "mysite" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.text("TIME_ZONE", "UTC")
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "mysite" / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 600
DJANGO_TABLES2_TEMPLATE = "django_tables2/bootstrap5-responsive.html"

# --- headers --------------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:", "data:"],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
if HTTPS:
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {
        "handlers": ["stderr"],
        "level": env.text("LOG_LEVEL", "INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR")),
    },
}
