"""``python -m licbot``."""

from licbot.cli import main

main()
