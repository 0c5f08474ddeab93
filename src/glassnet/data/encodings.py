"""Character encodings of text files: by byte order mark, UTF-8, or Windows Latin-1 if evident."""

import codecs
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from glassnet.errors import DataError, UsageError, suggest

MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order mark -> encoding; UTF-32 comes first, as its mark begins with that of UTF-16."""

BINARY = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an Excel workbook",
    b"\x1f\x8b": "compressed with gzip",
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ": "compressed with xz",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
}
"""First bytes of files that are no text -> what they are."""

COMMON = (
    *("utf-8", "utf-16", "utf-32", "latin-1", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254"),
    *("cp1255", "cp1256", "cp1257", "cp437", "cp850", "iso8859-2", "iso8859-5", "iso8859-15"),
    *("koi8-r", "mac-roman", "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"),
)
"""Encodings that are suggested for a misspelt one."""

HINT = "save it as text in UTF-8, or give its encoding, such as --encoding cp1252"

BLOCK = 1 << 20
"""Bytes that are decoded at a time."""

START = 1 << 16
"""Bytes by which the start of a file is recognised."""

MAX_DAMAGED = 0.01
"""Share of lines up to which bytes that are not UTF-8 are damage, rather than another encoding."""

MAX_HIGH_BYTES = 0.25
"""Share of non-ASCII letters from which a text is not in a western European language."""

SAMPLE = 2000
"""Number of undecodable lines by which an encoding is recognised."""

LETTERS = "àáâãäåæçèéêëìíîïñòóôõöøùúûüœßÿÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜŒŸ"
SIGNS = "‘’“”–—…•™€£¥§©®«»°·¡¿´`ªº\xa0"
NOT_TEXT = re.compile("[\0\udc80-\udcff]")
"""A NUL, or a byte that is not in the text's encoding."""

WITHIN_WORDS = re.compile(rf"[^\W\d_][^\w\s\x00-\x7f{SIGNS}][^\W\d_]|[^\W\d_][“”][^\W\d_]")
"""A sign between two letters, which no western European language has."""


@dataclass(frozen=True)
class Encoding:
    """How the characters of a file are encoded.

    Attributes:
        name: the codec.
        recognised: whether neither a mark nor the user says so.
        damaged: whether some bytes are in another encoding.
        binary: whether there are NULs, which text does not contain.
        candidate: an encoding that the damaged lines may have; empty if none is likely.
    """

    name: str
    recognised: bool = False
    damaged: bool = False
    binary: bool = False
    candidate: str = ""

    def fault_in(self, text: str) -> str:
        """Why a text that was decoded with `surrogateescape` is none; empty if it is a text.

        Example:
            >>> Encoding("utf-8").fault_in(bytes([0xE9]).decode(errors="surrogateescape"))
            'a byte that is not UTF-8 (0xe9)'
        """
        if not (found := NOT_TEXT.search(text)):
            return ""
        if found[0] == "\0":
            return "a NUL character"
        name = "UTF-8" if self.name.startswith("utf-8") else self.name
        return f"a byte that is not {name} (0x{ord(found[0]) - 0xDC00:02x})"


def detect(path: Path, encoding: str | None = None) -> Encoding:
    """The encoding of a file, which is read once.

    A byte order mark decides, then the user, then UTF-8 if at most a hundredth of the lines are
    damaged. Otherwise it is Windows Latin-1 (cp1252) if all that is not ASCII are letters and
    signs as western European languages use them.

    Args:
        path: the file.
        encoding: the user's choice.

    Raises:
        UsageError: there is no such encoding.
        DataError: most lines are in another encoding, or it is a binary file.
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        start = stream.read(8)
    mark = next((name for mark, name in MARKS.items() if start.startswith(mark)), None)
    name = mark or (check(encoding) if encoding else _without_mark(path))
    damaged, binary = _scan(path, name)
    if not damaged or mark or encoding:
        return Encoding(name, name.startswith("utf-16-"), damaged, binary)
    what = next((text for magic, text in BINARY.items() if start.startswith(magic)), None)
    if what:
        raise DataError(f"{path}: {what}, not text", "save it as text in UTF-8, such as a .csv")
    return _other(path, binary)


def of_start(path: Path) -> Encoding:
    """An encoding in which the start of a file can be read, with the right ASCII characters.

    What is neither UTF-8 nor UTF-16 is read as Latin-1, whatever it is.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        start = stream.read(START)
    name = next((name for mark, name in MARKS.items() if start.startswith(mark)), None)
    name = name or _without_mark(path)
    try:
        codecs.getincrementaldecoder(name)().decode(start)
    except UnicodeDecodeError:
        return Encoding("latin-1")
    return Encoding(name, damaged=name == "utf-8")


def check(encoding: str) -> str:
    """The name of an encoding, if there is one.

    Raises:
        UsageError: there is none.
    """
    try:
        info = codecs.lookup(encoding)
        if info._is_text_encoding:  # hex and rot13 are none
            return info.name
    except (LookupError, ValueError):
        pass
    raise UsageError(
        f"--encoding {encoding}: there is no such encoding", suggest(encoding.lower(), COMMON)
    )


def decode(content: bytes) -> tuple[str, str]:
    """A short text and its encoding, recognised as in `detect`.

    Raises:
        UnicodeDecodeError: it cannot be recognised.
    """
    mark = next((name for mark, name in MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        return content.decode(mark), mark
    except UnicodeDecodeError:
        if mark == "utf-8" and is_western([content]):
            return content.decode("cp1252"), "cp1252"
        raise


def is_western(lines: Iterable[bytes]) -> bool:
    """Whether lines are evidently Windows Latin-1, of which ISO Latin-1 has a part.

    Example:
        >>> is_western(["déjà vu, “très” bien".encode("cp1252")])
        True
        >>> is_western(["хороший фильм".encode("cp1251")])
        False
    """
    try:
        text = b"\n".join(lines).decode("cp1252")
    except UnicodeDecodeError:
        return False
    high = [character for character in text if character > "\x7f"]
    n_letters = sum(map(str.isalpha, text))
    n_high = sum(map(str.isalpha, high))
    return (
        set(high) <= {*LETTERS, *SIGNS}
        and n_high <= MAX_HIGH_BYTES * n_letters
        and not WITHIN_WORDS.search(text)
    )


def _without_mark(path: Path) -> str:
    """UTF-16 without a mark, where every other byte is a NUL; UTF-8 otherwise."""
    with path.open("rb") as stream:
        start = stream.read(1000)
    for name, nuls, others in (
        ("utf-16-le", start[1::2], start[0::2]),
        ("utf-16-be", start[0::2], start[1::2]),
    ):
        if 2 * nuls.count(0) > len(nuls) > 1 and not others.count(0):
            return name
    return "utf-8"


def _scan(path: Path, name: str) -> tuple[bool, bool]:
    """Whether some bytes are not in this encoding, and whether there are NULs."""
    decoder = codecs.getincrementaldecoder(name)()
    binary = False
    try:
        for block in _blocks(path):
            binary = binary or "\0" in decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return True, any(b"\0" in block for block in _blocks(path))
    return False, binary


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            yield block


def _other(path: Path, binary: bool) -> Encoding:
    """The encoding of a file that is not UTF-8 throughout."""
    n_lines = n_damaged = n_multibyte = 0
    damaged: list[bytes] = []
    with path.open("rb") as stream:
        for line in stream:
            n_lines += 1
            try:
                n_multibyte += not line.decode().isascii()
            except UnicodeDecodeError:
                n_damaged += 1
                if len(damaged) < SAMPLE:
                    damaged.append(line)
    western = is_western(damaged)
    if western and n_damaged > max(n_multibyte, MAX_DAMAGED * n_lines):
        return Encoding("cp1252", recognised=True, binary=binary)
    candidate = "cp1252" if western else _likely(damaged)
    if 2 * n_damaged > n_lines:
        hint = f"give its encoding, perhaps --encoding {candidate}" if candidate else HINT
        raise DataError(f"{path}: not UTF-8 text", hint)
    return Encoding("utf-8", damaged=True, binary=binary, candidate=candidate)


def _likely(lines: list[bytes]) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(b"".join(itertools.islice(lines, 200))).best()
    return best.encoding if best and best.encoding != "utf_8" else ""
