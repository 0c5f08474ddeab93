"""Scripts that do not set words apart by spaces."""

import re

UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese characters, for a set in a regular expression."""

CHARACTER = re.compile(f"[{UNSPACED}]")
"""One of them."""

WORD = re.compile(rf"[{UNSPACED}]|[^\s{UNSPACED}]+")
"""A character of a script without spaces, or a run of others up to the next space."""
