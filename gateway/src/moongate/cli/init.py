"""``moongate init``: a commented config to start from. Never overwrites anything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from moongate.cli.files import DEFAULT_CONFIG
from moongate.cli.terminal import FINE, PROBLEMS, complain, say

if TYPE_CHECKING:
    import argparse

STARTER: Final = """\
# Moongate: what one gateway is told. `moongate check` says what is wrong or risky,
# `moongate routes` lists the routes in match order, `moongate explain GET /path` says where a request goes.
# Where a # is followed by a setting without a space, take it off to use the setting.
version: 1

# Where clients are accepted. 127.0.0.1 is this machine only, 0.0.0.0 every address.
listeners:
  - bind: 127.0.0.1:8080

# One JSON line for each request: stdout, stderr, false, or a path such as var/access.log.
access_log: stdout

# Networks of proxies in front of this one, whose X-Forwarded-* are believed.
#trusted_proxies: [10.0.0.0/8]

# Where operators look: health, metrics, what is served and why. Other addresses than this machine's need a token.
#admin: {bind: 127.0.0.1:9900}

# A reload after which more requests fail is taken back; a gateway that is told to end says so first.
#reload: {guard: {window: 30s, max_5xx: 5%}}
#drain: {notice: 5s, timeout: 30s}

# Where clients, their keys and their grants come from; `accounts bootstrap` writes the token.
#accounts: {url: http://127.0.0.1:8102, token: "${file:gateway.token}"}

# What services and routes take that do not say otherwise.
#defaults:
#  timeouts: {connect: 3s, response_head: 30s, body_idle: 60s}
#  max_body: 10MiB
#  filters: [authenticate] # nobody gets in without a credential; a route that says filters: [] is open

# The upstreams. Several targets are taken in turn; {url: ..., weight: 3} takes three times its share, and
# {url: "http://cars.internal:8101", resolve: addresses} every address that the name has in DNS, as they come and go.
services:
  app:
    targets:
      - http://127.0.0.1:8000

# Which requests go where, in any order: the most specific match wins.
# Paths: literal, {name} for one segment, {name:a|b} for one of several words, a tail /** for the rest.
# Also: host or hosts (*.example.com), methods, headers and query (a value, or empty for any value).
routes:
  - name: everything
    match: {path: "/**"}
    service: app

  #- name: read-cars
  #  match: {path: "/api/{kind:cars|vans}/{id}", methods: [GET], headers: {X-Version: 2}}
  #  service: app
  #  max_body: 64KiB
  #  resource: "shop/{kind}/{id}" # what grants are about; the action follows from the method
  #  filters: [authenticate, authorize, {request_headers: {remove: X-Debug}}]
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "path", nargs="?", default=DEFAULT_CONFIG, help=f"the file to write (default: {DEFAULT_CONFIG})"
    )


def run(options: argparse.Namespace) -> int:
    """Write it; 1 where something is there already."""
    if options.path.endswith("/"):
        complain(f"{options.path}: a directory is named; write {options.path}{DEFAULT_CONFIG}")
        return PROBLEMS
    try:
        with Path(options.path).open("x", encoding="utf-8") as file:
            file.write(STARTER)
    except FileExistsError:
        complain(f"{options.path}: is there already, and stays as it is")
        return PROBLEMS
    except OSError as error:
        complain(f"{options.path}: cannot be written: {error.strerror}")
        return PROBLEMS
    say(f"wrote {options.path}; put your service into it, then: moongate run {options.path}")
    return FINE
