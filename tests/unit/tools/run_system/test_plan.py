from pathlib import Path

from run_system.guide import SLOT
from run_system.plan import ADMIN_TOKEN, EXAMPLE, SHOWN_WEEK, Ports, system

STATE = Path("state")


def test_the_gateway_comes_last_and_gets_every_port_that_is_checked() -> None:
    plan = system(Ports(9000, 9001, 9002), STATE)
    assert [child.name for child in plan.children] == ["accounts", "invsys", "gateway"]
    told = plan.children[-1].environment
    assert {name: str(port) for name, port in plan.ports.items()}.items() <= told.items()
    assert set(plan.ports.values()) == {9000, 9001, 9002}


def test_the_example_config_reads_those_ports_with_the_same_defaults() -> None:
    text = EXAMPLE.read_text()
    for name, port in system(Ports(), STATE).ports.items():
        assert f"${{{name}:-{port}}}" in text


def test_what_migrates_and_what_serves_use_one_database() -> None:
    plan = system(Ports(9000, 9001, 9002), STATE)
    migrated = {one.name: one.environment for one in plan.preparations}
    served = {one.name: one.environment for one in plan.children}
    for name in ("invsys", "accounts"):
        assert migrated[f"{name}-migrate"] == served[name]
    assert migrated["demo-client"].items() >= served["accounts"].items()


def test_what_is_shown_beside_the_gateway_is_where_it_listens() -> None:
    bookings, clients, commands = system(Ports(9000, 9001, 9002), STATE).sights
    assert f"http://127.0.0.1:9001/?first={SHOWN_WEEK}" in bookings
    assert f'"from_datetime": "{SHOWN_WEEK}T' in SLOT
    assert "http://127.0.0.1:9002/" in clients
    assert str(STATE / ADMIN_TOKEN) in clients
    assert f"ACCOUNTS_DATABASE_URL=sqlite:///{STATE / 'accounts.db'} " in commands


def test_the_commands_are_the_installed_ones() -> None:
    plan = system(Ports(9000, 9001, 9002), STATE)
    for child in (*plan.preparations, *plan.children):
        assert Path(child.command[0]).is_file()
