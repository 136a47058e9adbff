"""Our own sentences around products, by language; English for those we have no words in."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sentences:
    found: str
    nothing: str
    bulk: str
    out: str


_SENTENCES = {
    "en": Sentences(
        "This is what we have for you:",
        "We found nothing that fits. Try other words, or ask us.",
        "{price} from {quantity}",
        "not in stock now",
    ),
    "es": Sentences(
        "Esto es lo que tenemos para usted:",
        "No encontramos nada que corresponda. Pruebe con otras palabras o pregúntenos.",
        "{price} a partir de {quantity}",
        "agotado por ahora",
    ),
    "fr": Sentences(
        "Voici ce que nous avons pour vous :",
        "Nous n'avons rien trouvé. Essayez d'autres mots ou demandez-nous.",
        "{price} à partir de {quantity}",
        "en rupture de stock",
    ),
    "pl": Sentences(
        "Oto, co dla Państwa mamy:",
        "Nic nie znaleźliśmy. Proszę spróbować innych słów albo zapytać nas.",
        "{price} od {quantity} szt.",
        "chwilowo niedostępne",
    ),
    "zh": Sentences(
        "为您找到以下商品：", "没有找到合适的商品。请换个说法，或与我们联系。", "{quantity} 件起 {price}", "暂时缺货"
    ),
}
# The model's own words are shown in these only: in others we could not tell what they promise.
READ = ("en", "es")


def sentences(language: str) -> Sentences:
    return _SENTENCES.get(base(language), _SENTENCES["en"])


def base(language: str) -> str:
    """The language without its region."""
    return language.partition("-")[0].lower()
