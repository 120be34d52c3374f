"""One gateway and one recording origin for all conformance tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.wire import Wire
from gateway_harness.gateway_process import running_gateway
from gateway_harness.recording_origin import RecordingOrigin

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIG = """
services: {{origin: {{targets: ['{url}']}}}}
routes:
  - {{name: all, match: {{path: /**}}, service: origin}}
  - {{name: reads, match: {{path: /reads/**}}, service: origin}}
  - {{name: small, match: {{path: /small/**}}, service: origin, max_body: 1000}}
"""


@pytest.fixture(scope="session")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    directory = tmp_path_factory.mktemp("conformance")
    with RecordingOrigin() as origin, running_gateway(directory, CONFIG.format(url=origin.url)) as gateway:
        yield Wire(gateway, origin)
        assert origin.ambiguous == []
