from pathlib import Path

from run_system.plan import DEFAULT_INVSYS_PORT, DEFAULT_PORT, EXAMPLE, system

STATE = Path("state")


def test_the_gateway_comes_last_and_gets_every_port_that_is_checked() -> None:
    plan = system(9000, 9001, STATE)
    assert [child.name for child in plan.children] == ["invsys", "gateway"]
    assert plan.children[-1].environment == {name: str(port) for name, port in plan.ports.items()}
    assert set(plan.ports.values()) == {9000, 9001}


def test_the_example_config_reads_those_ports_with_the_same_defaults() -> None:
    text = EXAMPLE.read_text()
    for name, port in system(DEFAULT_PORT, DEFAULT_INVSYS_PORT, STATE).ports.items():
        assert f"${{{name}:-{port}}}" in text


def test_what_migrates_and_what_serves_use_one_database() -> None:
    plan = system(9000, 9001, STATE)
    assert plan.preparations[0].environment == plan.children[0].environment


def test_the_commands_are_the_installed_ones() -> None:
    plan = system(9000, 9001, STATE)
    for child in (*plan.preparations, *plan.children):
        assert Path(child.command[0]).is_file()
