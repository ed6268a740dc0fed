"""A site of an app maker on Django: the published django-open-humans, its settings and a page. Run by its own Python.

`serve PORT` serves it and writes down what is posted; `do` runs the lines that come in, as a task of the site would.
"""

import io
import json
import os
import sys
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import include, path

FOLDER = Path(os.environ["FOLDER"])
HEARD = FOLDER / "heard"
settings.configure(
    DEBUG=True,
    SECRET_KEY=os.environ["CLIENT_SECRET"],
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER / "site.sqlite3"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "openhumans"],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    ROOT_URLCONF="__main__",
    LOGIN_REDIRECT_URL="/",
    LOGOUT_REDIRECT_URL="/",
    OPENHUMANS_OH_BASE_URL=os.environ["SITE"],
    OPENHUMANS_APP_BASE_URL="http://127.0.0.1:5000",
    OPENHUMANS_CLIENT_ID=os.environ["CLIENT_ID"],
    OPENHUMANS_CLIENT_SECRET=os.environ["CLIENT_SECRET"],
    OPENHUMANS_WEBHOOK_SECRET=os.environ["WEBHOOK_SECRET"],
)
django.setup(set_prefix=False)

from openhumans.models import OpenHumansMember  # noqa: E402 - after the settings


def home(request):
    """Say who is logged in, or where to go for that."""
    if request.user.is_authenticated:
        return HttpResponse(f"<p>Hello, {request.user.username}</p>")
    return HttpResponse(f'<a href="{OpenHumansMember.get_auth_url()}">Connect</a>')


urlpatterns = [path("", home), path("openhumans/", include("openhumans.urls"))]


def heard(application):
    """Write down what is posted, byte for byte, and what the package says to it."""

    def run(environ, start_response):
        if environ["REQUEST_METHOD"] != "POST":
            return application(environ, start_response)
        said, body = [], environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))

        def begin(status, headers, *more):
            said.append(status)
            return start_response(status, headers, *more)

        content = b"".join(application(environ | {"wsgi.input": io.BytesIO(body)}, begin))
        note = {"head": head(environ), "body": body.decode(), "said": said[0]}
        with HEARD.open("a") as file:
            file.write(json.dumps(note) + "\n")
        return [content]

    return run


def head(environ):
    return {key[5:].lower().replace("_", "-"): value for key, value in environ.items() if key.startswith("HTTP_")}


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def main():
    if sys.argv[1] == "do":
        exec(sys.stdin.read(), {})  # noqa: S102 - what the test wants of the site
        return
    call_command("migrate", verbosity=0)
    with make_server("127.0.0.1", int(sys.argv[2]), heard(get_wsgi_application()), handler_class=Quiet) as server:
        sys.stdout.write("serving\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
