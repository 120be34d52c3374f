"""The Flask application."""

import os

from flask import Flask

from invsys.bootstrap.settings import load_settings
from invsys.bootstrap.wiring import Services, build_services
from invsys.web import allocations, health, openapi, problems, resources


def create_app(services: Services) -> Flask:
    """The application on given services; nothing global, so a process may hold several."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = services.settings.max_body
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # it answers with redirects, and a path has one spelling
    problems.install(app)
    for build in (resources.build, allocations.build, health.build, openapi.build):
        app.register_blueprint(build(services))
    return app


def from_environment() -> Flask:
    """What a server process imports: the application on settings from the environment."""
    return create_app(build_services(load_settings(os.environ)))
