"""Bytes of an order file → text in blocks: compression, byte order marks and encodings. No CSV here.

What cannot be decoded becomes `UNDECODABLE`, a code point that no text may use, so that the line can be rejected later
while a replacement character that was already in the file passes.
"""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from charset_normalizer import from_bytes

from kembali.collect.files.errors import BadMapping, FileDamaged, FileMissing

UNDECODABLE = "\ufdd0"
BLOCK_BYTES = 1 << 20
_SAMPLE_BYTES = 1 << 18
# Western text is mostly ASCII letters; above this share of other bytes a single-byte Western guess is not credible.
_WESTERN_SHARE = 0.25
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def _mark_undecodable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return UNDECODABLE, error.end


codecs.register_error("kembali.undecodable", _mark_undecodable)


def encoding_named(name: str) -> str:
    """Return the Python codec of an encoding a person named.

    Raises:
        BadMapping: there is none.
    """
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise BadMapping(f"“{name}” is not an encoding.", hint="Use utf-8, utf-16, cp1252 or latin-1.") from error


def detect_encoding(path: Path) -> str:
    """Return the codec that reads the file: by byte order mark, else by the first 256 KB that are not plain ASCII.

    Cost: unpacks the file up to its first byte beyond ASCII, so that a lone `£` in the last line still counts.
    """
    blocks = _byte_blocks(path)
    block = next(blocks, b"")
    for mark, name in _MARKS:
        if block.startswith(mark):
            return name
    if wide := _wide_without_mark(block[:4096]):
        return wide
    while block and block.isascii():
        block = next(blocks, b"")
    if not block:
        return "utf-8"
    first = len(block) - len(block.lstrip(bytes(range(128))))
    return _encoding_of(block[max(first - 200, 0) : first + _SAMPLE_BYTES])


def text_blocks(path: Path, encoding: str) -> Iterator[str]:
    """Yield the text in blocks of about 1 MB that end at a line end, except perhaps the last.

    Raises:
        FileMissing: no such file.
        FileDamaged: the compressed data is broken.
    """
    decoder = codecs.getincrementaldecoder(encoding)("kembali.undecodable")
    rest = ""
    for block in _byte_blocks(path):
        text = rest + decoder.decode(block)
        # A carriage return at the very end may be half of a line end.
        cut = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1
        rest = text[cut:]
        if cut:
            yield text[:cut]
    if rest := rest + decoder.decode(b"", final=True):
        yield rest


def raw_text_of(path: Path, encoding: str, spans: Iterator[tuple[int, int]]) -> Iterator[str]:
    """Yield the text of each span of physical lines (first, last; 1-based, ascending, first lines distinct).

    One pass over the file, whatever the number of spans; a span that overlaps its predecessor is cut short.
    """
    span = next(spans, None)
    first_of_block, gathered = 1, ""
    for block in text_blocks(path, encoding):
        if span is None:
            return
        lines = split_lines(block)
        after_block = first_of_block + len(lines)
        while span is not None and span[0] < after_block:
            first, last = span
            gathered += "".join(lines[max(first - first_of_block, 0) : last + 1 - first_of_block])
            if last >= after_block:
                break
            yield gathered
            span, gathered = next(spans, None), ""
        first_of_block = after_block
    if span is not None:
        yield gathered


def split_lines(text: str) -> list[str]:
    """Return the physical lines with their ends (LF, CR LF or CR), not cut at the rarer ones `splitlines` takes."""
    return list(io.StringIO(text, newline=""))


def _byte_blocks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as plain:
            packed = plain.read(2) == b"\x1f\x8b"
            plain.seek(0)
            stream = cast(IO[bytes], gzip.open(plain)) if packed else plain  # noqa: SIM115 - closes with `plain`
            while block := stream.read(BLOCK_BYTES):
                yield block
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise FileMissing(f"{path}: {error.strerror}.", hint="Check the path and who may read it.") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileDamaged(f"{path.name}: {error}.", hint="Download or export the file again.") from error


def _wide_without_mark(head: bytes) -> str | None:
    if head.count(0) * 4 < len(head) or not head:
        return None
    return "utf-16-le" if head[1::2].count(0) > head[0::2].count(0) else "utf-16-be"


def _encoding_of(sample: bytes) -> str:
    text = codecs.getincrementaldecoder("utf-8")("kembali.undecodable").decode(sample)
    damaged = text.count(UNDECODABLE)
    beyond_ascii = sum(character > "\x7f" for character in text) - damaged
    if damaged * 3 <= beyond_ascii:
        return "utf-8"
    high = sum(byte > 127 for byte in sample)
    if high > _WESTERN_SHARE * sum(line_length for line_length in _lengths_with_high_bytes(sample)):
        best = from_bytes(sample[: 1 << 16]).best()
        return best.encoding if best is not None else "cp1252"
    try:
        sample.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"


def _lengths_with_high_bytes(sample: bytes) -> Iterator[int]:
    return (sum(map(_is_letter, line)) for line in sample.splitlines() if not line.isascii())


def _is_letter(byte: int) -> bool:
    return byte > 127 or 65 <= byte <= 90 or 97 <= byte <= 122
