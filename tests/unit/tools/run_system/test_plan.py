from pathlib import Path

from run_system.plan import ROOT, system


def test_the_gateway_comes_last_and_gets_every_port_that_is_checked() -> None:
    plan = system(9000, 9001, state=Path("var"), config=Path("gateway.yaml"))
    assert [child.name for child in plan.children] == ["invsys", "gateway"]
    assert plan.children[-1].environment == {"PORT": "9000", "PORT_INVSYS": "9001"}
    assert set(plan.ports.values()) == {9000, 9001}


def test_what_migrates_and_what_serves_use_one_database() -> None:
    plan = system(9000, 9001, state=Path("var"), config=Path("gateway.yaml"))
    assert plan.preparations[0].environment == plan.children[0].environment


def test_the_commands_are_the_installed_ones() -> None:
    plan = system(9000, 9001, state=ROOT / "var", config=ROOT / "examples" / "gateway.yaml")
    for child in (*plan.preparations, *plan.children):
        assert Path(child.command[0]).is_file()
