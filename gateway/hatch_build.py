"""Builds a wheel whose hot modules are compiled: `HATCH_BUILD_HOOK_ENABLE_CUSTOM=true uv build --wheel`.

mypyc compiles what mypy checks, from the same sources. It is called here and not by hatch-mypyc, which builds inside
the source tree and takes pyproject.toml away meanwhile.
"""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_SOURCES: Final = "src"


class Compile(BuildHookInterface):  # type: ignore[type-arg]
    """Adds an extension module beside each source file that the hook's `modules` names."""

    PLUGIN_NAME = "custom"
    _built: TemporaryDirectory[str]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return  # its sources would be edited in vain
        self._built = TemporaryDirectory(prefix="moongate-compile-")
        folder = Path(self._built.name)
        with chdir(Path(self.root) / _SOURCES):  # mypy tells modules by paths from here
            _compile(self.config["modules"], folder)
        build_data["infer_tag"] = True
        build_data["pure_python"] = False
        build_data["force_include"].update(
            {str(path): path.relative_to(folder / "lib").as_posix() for path in (folder / "lib").rglob("*.so")}
        )

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self._built.cleanup()


def _compile(modules: list[str], folder: Path) -> None:
    """Extension modules of the files of ``modules``, into ``folder``/lib."""
    from mypyc.build import mypycify
    from setuptools import Distribution  # type: ignore[import-untyped]
    from setuptools.command.build_ext import build_ext  # type: ignore[import-untyped]

    options = [f"--cache-dir={folder / 'cache'}"]
    extensions = mypycify([*options, *modules], opt_level="3", debug_level="0", target_dir=str(folder / "c"))
    command = build_ext(Distribution({"ext_modules": extensions}))
    command.build_lib, command.build_temp = str(folder / "lib"), str(folder / "o")
    command.finalize_options()
    command.run()
