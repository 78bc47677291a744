"""Numbers in URLs, read as JavaScript's ``Number`` reads them."""

import math
import re

_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_RADIX = re.compile(r"0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+")
_INFINITY = re.compile(r"[+-]?Infinity")


def js_number(text: str) -> float:
    """Return the number that a text stands for: 0 for blank text, NaN for what is none."""
    text = text.strip()
    if not text:
        return 0
    if _RADIX.fullmatch(text):
        return float(int(text, 0)) if len(text) < 200 else math.inf
    if _DECIMAL.fullmatch(text) or _INFINITY.fullmatch(text):
        return float(text)
    return math.nan
