"""Settings from the environment."""

import pytest

from servicekit.core.errors import SettingError
from servicekit.process.environment import Environment


def read(environ: dict[str, str]) -> tuple[str, int, bool]:
    found = Environment(environ, "NOTES_")
    values = (found.text("PATH", "x"), found.number("PORT", 7, 0, 65535), found.flag("LOUD", False))
    found.finish()
    return values


def test_defaults_need_no_environment_and_values_are_read() -> None:
    assert read({"PATH": "/bin", "OTHER_PORT": "x"}) == ("x", 7, False)
    assert read({"NOTES_PATH": "y", "NOTES_PORT": "0", "NOTES_LOUD": "true"}) == ("y", 0, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NOTES_PORT", "65536"),
        ("NOTES_PORT", "-1"),
        ("NOTES_PORT", "many"),
        ("NOTES_PORT", "٣"),
        ("NOTES_PORT", "9" * 5000),
        ("NOTES_LOUD", "yes"),
        ("NOTES_PROT", "1"),
    ],
)
def test_bad_values_and_misspelt_names_are_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingError) as refused:
        read({name: value})
    assert refused.value.name == name
    assert len(str(refused.value)) < 300
