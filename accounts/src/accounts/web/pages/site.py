"""All pages together."""

from flask import Blueprint

from accounts.bootstrap.wiring import Services
from accounts.web.attempts import Attempts
from accounts.web.pages import audit, catalog, clients, entrance, grants, keys, matrix
from accounts.web.pages.shell import build_shell


def build(services: Services, attempts: Attempts) -> Blueprint:
    """The routes of the pages; wrong passwords count wherever they are tried."""
    shell = build_shell(services, attempts)
    for part in (entrance, clients, keys, grants, matrix, catalog, audit):
        part.add(shell)
    return shell.routes
