from importlib.metadata import version

from click.testing import CliRunner

import consentry
from consentry._cli import main


def test_the_client_prints_its_version() -> None:
    printed = CliRunner().invoke(main, ["--version"])

    assert printed.exit_code == 0
    assert printed.output == f"consentry, version {version('consentry')}\n"


def test_the_client_exports_its_version_and_nothing_else() -> None:
    assert consentry.__all__ == ["__version__"]
    assert consentry.__version__ == version("consentry")
