"""Character encodings of text files: by byte order mark, UTF-8, or the only one that is likely."""

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
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

HUNGARIAN = "õûÕÛ"
"""Letters of cp1252 that are other letters in cp1250; a text with no more than these of `LETTERS`
that differ can be Hungarian."""

SAME_IN_CP1250 = "áâäçéëíîóôöúüßÁÂÄÇÉËÍÎÓÔÖÚÜ"

MIN_WESTERN = 0.8
"""Share of the lines from which a text is western European; the others have been damaged before."""

LIKELY = (
    *("cp1252", "cp1250", "iso8859_2", "cp1251", "koi8_r", "cp866", "cp1253", "cp1254", "cp1255"),
    *("cp1256", "cp1257", "cp874", "cp932", "euc_jp", "gb18030", "big5", "cp949"),
)
"""Encodings that are recognised, those of Windows and of web pages in many languages."""

MAX_BYTES = 20_000
"""Bytes by which one of them is recognised."""

MIN_HIGH_BYTES = 100
"""Number of bytes that are not ASCII from which an encoding is evident at all."""

MIN_MARGIN = 0.05
"""By how much the runner-up must be less likely: in its share of odd characters, or in how well the
frequencies of its letters fit a language."""

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
        candidates: encodings that the damaged lines may have, the likeliest first.
    """

    name: str
    recognised: bool = False
    damaged: bool = False
    binary: bool = False
    candidates: tuple[str, ...] = ()

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
    damaged. Otherwise it is what `guess` finds.

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
    mark = mark_of(start)
    name = mark or (check(encoding) if encoding else _without_mark(path))
    damaged, binary = _scan(path, name)
    if not damaged or mark or encoding:
        return Encoding(name, name.startswith("utf-16-"), damaged, binary)
    what = next((text for magic, text in BINARY.items() if start.startswith(magic)), None)
    if what:
        raise DataError(f"{what}, not text", "save it as text in UTF-8, such as a .csv", path)
    return _other(path, binary)


def of_start(path: Path) -> Encoding:
    """An encoding in which the start of a file can be read, with the right ASCII characters.

    What is neither UTF-8 nor UTF-16 is read as Latin-1, whatever it is.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        start = stream.read(START)
    name = mark_of(start) or _without_mark(path)
    try:
        codecs.getincrementaldecoder(name)().decode(start)
    except UnicodeDecodeError:
        return Encoding("latin-1")
    return Encoding(name, damaged=name == "utf-8")


def mark_of(start: bytes) -> str:
    """The encoding that a byte order mark names; empty if there is none."""
    return next((name for mark, name in MARKS.items() if start.startswith(mark)), "")


def is_utf8(content: bytes) -> bool:
    """Whether a text is UTF-8, or has a byte order mark."""
    try:
        content.decode(mark_of(content) or "utf-8")
    except UnicodeError:
        return False
    return True


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


@dataclass(frozen=True)
class Guess:
    """The encoding of bytes that are not UTF-8.

    Attributes:
        name: the encoding; empty if it is not evident.
        candidates: the likely ones, the likeliest first.
    """

    name: str
    candidates: tuple[str, ...]

    @property
    def hint(self) -> str:
        """What the user can do if it is not evident."""
        if not self.candidates:
            return HINT
        return f"give its encoding, perhaps --encoding {' or '.join(self.candidates)}"


def guess(lines: Sequence[bytes]) -> Guess:
    """The encoding of lines that are not UTF-8.

    It is Windows Latin-1 (cp1252) if all that is not ASCII, or that of most lines, are letters and
    signs as western European languages use them, but for Hungarian, whose letters these could be,
    too. Otherwise charset-normalizer ranks the likely ones; the first one is evident if there are
    enough bytes and the second is clearly less likely.

    Example:
        >>> guess(["déjà vu, “très” bien".encode("cp1252")]).name
        'cp1252'
        >>> guess(["jó, de hosszú idő".encode("cp1250")])
        Guess(name='', candidates=('cp1250', 'cp1252'))
    """
    western = list(lines) if is_western(lines) else [one for one in lines if is_western([one])]
    if western and len(western) >= MIN_WESTERN * len(lines):
        text = b"\n".join(western).decode("cp1252")
        differing = {c for c in text if c in LETTERS} - {*SAME_IN_CP1250}
        if not differing or differing - {*HUNGARIAN}:
            return Guess("cp1252", ("cp1252",))
        return Guess("", ("cp1250", "cp1252"))
    try:
        from charset_normalizer import from_bytes
    except ImportError:  # an environment for predictions alone
        return Guess("", ())
    sample = b"".join(_first_bytes(lines))
    found = list(from_bytes(sample, cp_isolation=list(LIKELY), enable_fallback=False))
    names = tuple(match.encoding for match in found[:3])
    is_evident = bool(names) and sum(byte > 127 for byte in sample) >= MIN_HIGH_BYTES
    if is_evident and len(found) > 1:
        first, second = found[:2]
        margin = max(second.chaos - first.chaos, first.coherence - second.coherence)
        is_evident = margin >= MIN_MARGIN
    return Guess(names[0] if is_evident else "", names)


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
    found = guess(damaged)
    if found.name and n_damaged > max(n_multibyte, MAX_DAMAGED * n_lines):
        return Encoding(found.name, True, _scan(path, found.name)[0], binary)
    if 2 * n_damaged > n_lines:
        raise DataError("not UTF-8 text", found.hint, path)
    return Encoding("utf-8", damaged=True, binary=binary, candidates=found.candidates)


def _first_bytes(lines: Iterable[bytes]) -> Iterator[bytes]:
    n = 0
    for line in lines:
        yield line
        n += len(line)
        if n > MAX_BYTES:
            return
