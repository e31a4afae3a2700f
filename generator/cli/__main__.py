"""`python -m generator.cli` is `kustodian`."""

from generator.cli import main

main()
