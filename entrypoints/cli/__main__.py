"""The same command as `python -m entrypoints.cli`, where it is not installed."""

from entrypoints.cli.app.main import main

main()
