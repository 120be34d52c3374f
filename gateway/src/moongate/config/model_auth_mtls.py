"""Client certificates, as a person says whose they are."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from moongate.config.model_base import StrictModel

_Name = Annotated[str, Field(min_length=1, max_length=1024)]


class MtlsConfig(StrictModel):
    """Certificates of clients, verified by a listener that has a `client_ca`."""

    source: Annotated[Literal["subject", "san_dns", "san_uri", "san_email"], Field(alias="from")] = "subject"
    """Which names in a certificate count: its subject, as CN=robot,O=Acme (RFC 4514), or those of one kind among its
    alternative names."""
    clients: Annotated[dict[_Name, _Name], Field(min_length=1)] | None = None
    """Whose a name is, as {"CN=robot,O=Acme": robot}; where absent, the client's in accounts that has it among its
    certificates."""
    known_to_accounts: bool | None = None
    """Whether accounts must know the client, which then has its grants and plan: only where `clients` is absent, if
    nothing is said."""

    @model_validator(mode="after")
    def _somebody_knows_whose_it_is(self) -> Self:
        if self.clients is None and self.known_to_accounts is False:
            raise ValueError("whose is a certificate? name it under `clients`, where accounts is not to know")
        for name in self.clients or ():
            if self.source == "subject" and "=" not in name:
                raise ValueError(f"{name[:60]!r} is no subject: write it as in CN={name[:60]},O=Acme")
        return self
