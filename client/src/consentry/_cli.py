import click

from consentry import __version__


@click.group()
@click.version_option(__version__, prog_name="consentry")
def main() -> None:
    """Fetch what members agreed to share with your project."""
