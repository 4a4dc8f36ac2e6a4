"""`python -m kembali` is `kembali`."""

from kembali.cli.main import run

run()
