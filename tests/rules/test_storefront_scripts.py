"""The scripts as they are served: small, and saying what was written."""

import re
from pathlib import Path

from kembali.storefront import scripts
from kembali.storefront.door import LOADER, MODULE

TEXTS = re.compile(r'"[^"\n]*"|`[^`\n]*`|/\^?\(.*?/i?')


def test_both_scripts_together_have_at_most_six_kilobytes() -> None:
    assert len(MODULE.packed) + len(LOADER.packed) <= 6 * 1024


def test_shrinking_leaves_every_text_as_it_was_written_and_no_comment() -> None:
    folder = Path(scripts.__file__).parent / "browser"
    written = [
        text
        for path in folder.iterdir()
        for line in path.read_text(encoding="utf-8").splitlines()
        if not line.strip().startswith(("//", "import "))
        for text in TEXTS.findall(line)
    ]
    served = (MODULE.plain + LOADER.plain).decode()
    assert len(written) > 100
    assert [text for text in written if text not in served] == []
    assert "//" not in re.sub(TEXTS, "", served)
