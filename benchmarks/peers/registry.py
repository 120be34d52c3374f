"""Every gateway that is compared, in the order of the tables' first printing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.peers.caddy import Caddy
from benchmarks.peers.envoy import Envoy
from benchmarks.peers.flask_peer import FlaskGateway
from benchmarks.peers.haproxy import HAProxy
from benchmarks.peers.moongate import Interpreted, Moongate
from benchmarks.peers.nginx import Nginx
from benchmarks.peers.traefik import Traefik

if TYPE_CHECKING:
    from benchmarks.peers.peer import Peer

OURS = "Moongate"
PEERS: tuple[Peer, ...] = (Moongate(), Interpreted(), Nginx(), HAProxy(), Envoy(), Traefik(), Caddy(), FlaskGateway())
