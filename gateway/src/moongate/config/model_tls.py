"""The config of TLS on both sides. Whether the files can be used is judged by who opens them."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from moongate.config.model_base import StrictModel


class CertificateConfig(StrictModel):
    """A certificate with its chain and its private key, as PEM files. Paths are relative to the working directory."""

    certificate: str
    """The PEM file of the certificate, followed by its chain."""
    key: str
    """The PEM file of its private key, without a pass phrase."""


class ListenerTlsConfig(StrictModel):
    """TLS towards clients. Files are looked at again every few seconds: a renewed certificate needs no reload.
    Their paths are relative to the working directory."""

    certificate: str | None = None
    """The PEM file of the certificate, followed by its chain."""
    key: str | None = None
    """The PEM file of its private key, without a pass phrase."""
    certificates: tuple[CertificateConfig, ...] = ()
    """Several, chosen by the name that the client asks for (SNI); the first is for whoever asks for none."""
    min_version: Literal["1.2", "1.3"] = "1.2"
    """The oldest version of TLS that is spoken."""
    client_ca: str | None = None
    """The PEM file of the CAs whose client certificates are accepted (mutual TLS)."""
    client_certificate: Literal["required", "optional"] = "required"
    """With `client_ca`: whether a client must show a certificate."""

    @model_validator(mode="after")
    def _one_way_to_name_certificates(self) -> ListenerTlsConfig:
        one = self.certificate is not None or self.key is not None
        if one == bool(self.certificates):
            raise ValueError("write either `certificate` and `key`, or a list `certificates` of such pairs")
        if one and (self.certificate is None or self.key is None):
            raise ValueError("`certificate` and `key` belong together: one of them is missing")
        return self

    @model_validator(mode="after")
    def _somebody_vouches_for_clients(self) -> ListenerTlsConfig:
        if "client_certificate" in self.model_fields_set and self.client_ca is None:
            raise ValueError("`client_certificate` needs `client_ca`: the CAs that may vouch for clients")
        return self

    @property
    def all_certificates(self) -> tuple[CertificateConfig, ...]:
        """The certificates, however they were written; at least one."""
        if self.certificate is None or self.key is None:
            return self.certificates
        return (CertificateConfig(certificate=self.certificate, key=self.key),)


class ServiceTlsConfig(StrictModel):
    """How https targets are spoken to; where nothing is said, verified against the system's CAs. Paths of files are
    relative to the working directory."""

    ca: str | None = None
    """The PEM file of the CAs that may sign the targets' certificates, instead of the system's."""
    certificate: str | None = None
    """The PEM file of the gateway's own certificate, for targets that demand one."""
    key: str | None = None
    """The PEM file of its private key."""
    server_name: str | None = None
    """The name that the certificate must hold, where it is not the host of the target's URL."""
    verify: bool = True
    """false accepts any certificate: whoever sits between can read and change everything."""

    @model_validator(mode="after")
    def _pair(self) -> ServiceTlsConfig:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("`certificate` and `key` belong together: one of them is missing")
        return self
