"""The command as `python -m entrypoints.cli`, for a shop that is not installed."""

from entrypoints.cli.app.main import main

main()
