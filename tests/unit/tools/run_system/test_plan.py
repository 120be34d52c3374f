from pathlib import Path

from run_system.plan import EXAMPLE, system, with_ports

STATE = Path("state")


def test_the_gateway_comes_last_and_listens_where_the_launcher_looks() -> None:
    plan = system(9000, 9001, STATE, EXAMPLE.read_text())
    assert [child.name for child in plan.children] == ["invsys", "gateway"]
    config = plan.files[STATE / "gateway.yaml"]
    assert "bind: 127.0.0.1:9000" in config
    assert "targets: [http://127.0.0.1:9001]" in config
    assert set(plan.ports.values()) == {9000, 9001}


def test_ports_may_be_each_others_defaults() -> None:
    config = "bind: 127.0.0.1:8080, target: http://127.0.0.1:8101, other: 127.0.0.1:80801"
    swapped = "bind: 127.0.0.1:8101, target: http://127.0.0.1:8080, other: 127.0.0.1:80801"
    assert with_ports(config, {8080: 8101, 8101: 8080}) == swapped


def test_what_migrates_and_what_serves_use_one_database() -> None:
    plan = system(9000, 9001, STATE, "")
    assert plan.preparations[0].environment == plan.children[0].environment


def test_the_commands_are_the_installed_ones() -> None:
    plan = system(9000, 9001, STATE, "")
    for child in (*plan.preparations, *plan.children):
        assert Path(child.command[0]).is_file()
