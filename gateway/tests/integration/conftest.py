"""One gateway for all integration tests that need no settings of their own."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from gateway_harness.gateway_process import GatewayProcess, running_gateway
from gateway_harness.slots import Slot, Slots, TakeSlot


@pytest.fixture(scope="session")
def slots() -> Iterator[Slots]:
    slots = Slots()
    yield slots
    slots.close()


@pytest.fixture(scope="session")
def gateway(slots: Slots, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    with running_gateway(tmp_path_factory.mktemp("gateway"), slots.config) as gateway:
        yield gateway


@pytest.fixture
def take(gateway: GatewayProcess, slots: Slots) -> Iterator[TakeSlot]:
    """Takes a slot of a kind of `gateway_harness.slots.KINDS`; it is closed when the test ends."""
    with ExitStack() as held:

        def take(kind: str) -> Slot:
            slot = slots.take(kind, gateway)
            held.callback(slot.close)
            return slot

        yield take


@pytest.fixture
def slot(take: TakeSlot) -> Slot:
    """A slot without special settings."""
    return take("plain")
