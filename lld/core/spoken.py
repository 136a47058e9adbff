"""Numbers as they are said aloud, digit by digit or in tens, for phones and ZIP codes that were dictated."""

import re

_ONES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = {
    "twenty": "2", "thirty": "3", "forty": "4", "fifty": "5", "sixty": "6", "seventy": "7", "eighty": "8",
    "ninety": "9",
}  # fmt: skip
_SAID = {name: str(digit) for digit, name in enumerate(_ONES)} | {
    **{name: str(number) for number, name in enumerate(_TEENS, 10)},
    "oh": "0", "o": "0", "nought": "0", "hundred": "00", "thousand": "000",
}  # fmt: skip
_TIMES = {"double": 2, "triple": 3}
_BETWEEN = re.compile(r"[\s,-]+")
_A_WORD = re.compile(r"[a-z]{3,}")


def digits_of_words(text: str) -> str:
    """`three one two, five fifty-five` → "312555". Digits among the words stay; "" where anything is no number."""
    lowered = text.lower().strip(" .,")
    if not _A_WORD.search(lowered):
        return ""
    said, times, ten = "", 1, ""
    # Tens wait for their ones: fifty five is 55, fifty and then five hundred is not.
    for word in _BETWEEN.split(lowered):
        if word in _TIMES:
            times = _TIMES[word]
            continue
        if word in _TENS:
            said, ten = said + ten, _TENS[word] + "0"
            continue
        number = word if word.isascii() and word.isdecimal() else _SAID.get(word)
        if number is None:
            return ""
        if ten and len(number) == 1 and number != "0":
            said, ten = said + ten[0] + number, ""
            continue
        said, ten, times = said + ten + number * times, "", 1
    return said + ten
