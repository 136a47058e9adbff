"""What a model's words must not do before a customer reads them: name money, promise anything, or lead elsewhere.

Prices are said by us, from the database. A text that fails here is replaced by a sentence of our own.
"""

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 600
# Whoever writes these in another language than asked for still means them.
_SIGNS = (*"%$€£¥₽¢₱折价價元", "免费", "免費", "优惠", "優惠", "скид", "цен", "бесплат")
_STEMS = (
    "pric", "cost", "cheap", "charg", "dollar", "dolar", "discount", "rebate", "promo", "coupon", "voucher",
    "bargain", "refund", "credit", "negotia", "guarant", "warrant", "percent",
    "preci", "barat", "cobr", "descuent", "rebaj", "ofert", "cupon", "gratuit", "reembols", "garant", "porcient",
    "remise", "rabais", "soldes", "sconto", "prezzo", "rabat", "znizk", "darmow", "preis", "kostenlos", "descont",
    "preco", "skidk", "besplat",
)  # fmt: skip
_WORDS = frozenset(
    ("usd", "buck", "bucks", "cent", "cents", "pay", "pays", "paid", "paying", "payment", "fee", "fees", "offer",
     "offers", "offered", "deal", "deals", "code", "codes", "free", "half", "off", "sale", "sales", "bonus", "gift",
     "gifts", "peso", "pesos", "centavo", "centavos", "pago", "pagos", "paga", "pagar", "codigo", "gratis", "mitad",
     "regalo", "regalos", "ciento", "euro", "euros", "prix", "cena", "ceny")
)  # fmt: skip
_ELSEWHERE = re.compile(r"[<>@\[\]{}|\\`]|://|www\.|\b[a-z0-9-]+\.(com|net|org|io|co|mx|us|shop|biz|info)\b")
_NUMBER = re.compile(r"[0-9]+")
# -free is a quality: powder-free, BPA-free.
_QUALITY = re.compile(r"-free\b")


def is_harmless(text: str, named: Iterable[str]) -> bool:
    """Whether `text` is short, plain, names no money, and has no number but those of the products `named`."""
    if not text.strip() or len(text) > LONGEST:
        return False
    if any(unicodedata.category(letter) in {"Cc", "Cf", "Co", "Cs"} for letter in text.replace("\n", " ")):
        return False
    plain = unicodedata.normalize("NFKD", text).lower()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    if _ELSEWHERE.search(plain) or _names_money(_QUALITY.sub("", plain)):
        return False
    known = {number for name in named for number in _NUMBER.findall(name)}
    return set(_numbers(plain)) <= known


def _names_money(text: str) -> bool:
    words = set(re.findall(r"\w+", text))
    return (
        any(sign in text for sign in _SIGNS)
        or not words.isdisjoint(_WORDS)
        or any(word.startswith(_STEMS) for word in words)
    )


def _numbers(text: str) -> list[str]:
    """Every number, in whatever digits it is written."""
    return _NUMBER.findall("".join(str(unicodedata.digit(letter, letter)) for letter in text))
