"""The ports: the adapters fulfil them; mypy proves the signatures, this the completeness."""

from accounts.adapters.pepper_file import PepperFile
from accounts.adapters.store import SqlStore
from accounts.service import ports


def test_adapters_have_every_method_of_their_port() -> None:
    for port, adapter in ((ports.Store, SqlStore), (ports.Peppers, PepperFile)):
        wanted = {name for name in vars(port) if not name.startswith("_")}
        assert wanted <= set(dir(adapter))
