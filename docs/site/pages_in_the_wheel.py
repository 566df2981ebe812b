"""Put the pages of the manual into the wheel, where `coursetill docs` reads them.

setup.cfg names the class. The pages stand in docs/ alone: an editable install reads them there.
"""

from __future__ import annotations

from pathlib import Path

from setuptools.command.build_py import build_py

THIS = "docs/site/pages_in_the_wheel.py"
PAGES = "docs/*.md"
TARGET = "entrypoints/cli/manual"


class BuildWithPages(build_py):
    """The usual build of the packages, and the pages of docs/ as files of `entrypoints.cli`."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        for built, page in self._pages().items():
            self.mkpath(str(Path(built).parent))
            self.copy_file(page, built)

    def get_source_files(self) -> list[str]:
        return [*super().get_source_files(), *self._pages().values(), THIS]

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        return [*super().get_outputs(include_bytecode), *self._pages()]

    def get_output_mapping(self) -> dict[str, str]:
        return super().get_output_mapping() | self._pages()

    def _pages(self) -> dict[str, str]:
        """Each page of docs/ by the file that is built from it. Raises FileNotFoundError."""
        pages = sorted(Path().glob(PAGES))
        if not pages:
            raise FileNotFoundError(f"The wheel carries the manual, and there is no {PAGES} here.")
        return {f"{self.build_lib}/{TARGET}/{page.name}": str(page) for page in pages}
