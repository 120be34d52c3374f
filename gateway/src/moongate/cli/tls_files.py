"""Whether the certificates, keys and CAs that a config names can be used: tried as a gateway would on this machine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from moongate.config.problem import Finding
from moongate.net.tls import ListenerTls, TlsInvalid, service_tls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moongate.compile import Snapshot
    from moongate.config import Config, Problem
    from moongate.config.problem import Loc


def tls_warnings(config: Config, snapshot: Snapshot) -> Iterator[Problem]:
    """One for each certificate of a listener, and for the files of each service, that a start would fail by."""
    for loc, message in _failures(config, snapshot):
        wanted = "a start with it would fail"
        yield config.problem(Finding(loc, message, wanted=wanted, code="tls-files"))


def _failures(config: Config, snapshot: Snapshot) -> Iterator[tuple[Loc, str]]:
    for index, (listener, plan) in enumerate(zip(config.listeners, snapshot.listeners, strict=True)):
        if listener.tls is None or plan.tls is None:
            continue
        for number, certificate in enumerate(plan.tls.certificates):
            try:
                ListenerTls(replace(plan.tls, certificates=(certificate,)))
            except TlsInvalid as error:
                loc: Loc = ("listeners", index, "tls")
                yield ((*loc, "certificates", number) if listener.tls.certificates else loc), str(error)
    for name, service in snapshot.services.items():
        if service.tls.ca is None and service.tls.certificate is None:
            continue
        try:
            service_tls(service.tls)
        except TlsInvalid as error:
            yield ("services", name, "tls"), str(error)
