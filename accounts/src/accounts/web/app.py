"""The Flask application."""

import os

from flask import Flask

from accounts.bootstrap.settings import load_settings
from accounts.bootstrap.sweeper import start as start_sweeper
from accounts.bootstrap.wiring import PROGRAM, Services, build_services
from accounts.web import (
    admins,
    audit,
    auth,
    client_oauth,
    clients,
    decisions,
    feed,
    gateways,
    grants,
    keys,
    metadata,
    oauth,
    openapi,
    plans,
    roles,
)
from accounts.web.attempts import Attempts
from accounts.web.pages import site
from accounts.web.problems import PROBLEMS
from servicekit.process.logs import install as install_logs
from servicekit.web import compress, health, observe


def create_app(services: Services) -> Flask:
    """The application on given services; nothing global, so a process may hold several."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = services.settings.max_body
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # it answers with redirects, and a path has one spelling
    compress.install(app)
    app.register_blueprint(observe.install(app, PROGRAM))
    auth.install(app, services)
    PROBLEMS.install(app)
    management = (clients, client_oauth, keys, grants, decisions, roles, plans, gateways, audit)
    for room in (feed, oauth, metadata, *management, openapi):
        app.register_blueprint(room.build(services))
    attempts = Attempts(services.clock)
    for signing_in in (admins, site):
        app.register_blueprint(signing_in.build(services, attempts))
    app.register_blueprint(health.build(services.schema_problem))
    return app


def from_environment() -> Flask:
    """What a server process imports: the application on settings from the environment, its log and its sweeper."""
    install_logs(PROGRAM)
    services = build_services(load_settings(os.environ))
    start_sweeper(services)
    return create_app(services)
