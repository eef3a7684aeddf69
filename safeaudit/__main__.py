"""`python -m safeaudit`, for where the command is not on the path."""

from safeaudit.cli import main

main()
