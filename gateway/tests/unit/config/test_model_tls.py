"""TLS as a person writes it: one certificate or several, never half a pair."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from moongate.config.model_tls import CertificateConfig, ListenerTlsConfig, ServiceTlsConfig

PAIR = {"certificate": "a.crt", "key": "a.key"}


def test_one_certificate_and_a_list_of_one_mean_the_same() -> None:
    short = ListenerTlsConfig.model_validate(PAIR)
    long = ListenerTlsConfig.model_validate({"certificates": [PAIR]})
    assert short.all_certificates == long.all_certificates == (CertificateConfig(certificate="a.crt", key="a.key"),)


def test_several_keep_their_order() -> None:
    """The first is shown to whoever asks for no name."""
    pairs = [{"certificate": f"{name}.crt", "key": f"{name}.key"} for name in "cab"]
    several = ListenerTlsConfig.model_validate({"certificates": pairs}).all_certificates
    assert [each.certificate for each in several] == ["c.crt", "a.crt", "b.crt"]


def test_what_holds_where_nothing_is_said() -> None:
    listener, service = ListenerTlsConfig.model_validate(PAIR), ServiceTlsConfig()
    assert (listener.min_version, listener.client_ca) == ("1.2", None)
    assert (service.verify, service.ca, service.server_name) == (True, None, None)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({}, "either `certificate` and `key`, or a list"),
        ({"certificates": []}, "either `certificate` and `key`, or a list"),
        ({**PAIR, "certificates": [PAIR]}, "either `certificate` and `key`, or a list"),
        ({"certificate": "a.crt"}, "belong together"),
        ({"key": "a.key"}, "belong together"),
        ({"certificates": [{"certificate": "a.crt"}]}, "key\n  Field required"),
        ({**PAIR, "min_version": "1.1"}, "Input should be '1.2' or '1.3'"),
        ({**PAIR, "min_version": "SSLv3"}, "Input should be '1.2' or '1.3'"),
        ({**PAIR, "client_certificate": "maybe"}, "'required' or 'optional'"),
        ({**PAIR, "client_certificate": "required"}, "client_ca"),
        ({**PAIR, "client_certificate": "optional"}, "client_ca"),
    ],
)
def test_what_makes_no_sense_on_a_listener_is_said(written: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ListenerTlsConfig.model_validate(written)
    assert message in str(caught.value)


@pytest.mark.parametrize("written", [{"certificate": "a.crt"}, {"key": "a.key"}])
def test_half_a_pair_is_no_client_certificate(written: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="belong together"):
        ServiceTlsConfig.model_validate(written)
