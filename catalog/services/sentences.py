"""What we say around products, by language; in English to those whose language we do not have."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sentences:
    """One for each way of answering; `bulk` and `out` are parts of a product's line."""

    found: str
    alternatives: str
    nothing: str
    unclear: str
    unrelated: str
    bulk: str
    out: str


_SENTENCES = {
    "en": Sentences(
        found="This is what we have for you:",
        alternatives="We have nothing that fits exactly. These come near:",
        nothing="We found nothing that fits. Try other words, or call us.",
        unclear="Tell us a little more: which kind, size or number do you need?",
        unrelated="Here we can help with our products. For anything else, please call us.",
        bulk="{price} from {quantity}",
        out="not in stock now",
    ),
    "es": Sentences(
        found="Esto es lo que tenemos para usted:",
        alternatives="No tenemos exactamente eso. Esto es lo más parecido:",
        nothing="No encontramos nada que corresponda. Pruebe con otras palabras o llámenos.",
        unclear="Díganos un poco más: ¿qué tipo, tamaño o cantidad necesita?",
        unrelated="Aquí podemos ayudarle con nuestros productos. Para lo demás, llámenos.",
        bulk="{price} a partir de {quantity}",
        out="agotado por ahora",
    ),
    "fr": Sentences(
        found="Voici ce que nous avons pour vous :",
        alternatives="Nous n'avons pas exactement cela. Voici ce qui s'en approche :",
        nothing="Nous n'avons rien trouvé. Essayez d'autres mots ou appelez-nous.",
        unclear="Dites-nous en plus : quel type, quelle taille ou quelle quantité vous faut-il ?",
        unrelated="Ici, nous pouvons vous aider pour nos produits. Pour le reste, appelez-nous.",
        bulk="{price} à partir de {quantity}",
        out="en rupture de stock",
    ),
    "pl": Sentences(
        found="Oto, co dla Państwa mamy:",
        alternatives="Dokładnie tego nie mamy. To jest najbardziej podobne:",
        nothing="Nic nie znaleźliśmy. Proszę spróbować innych słów albo zadzwonić.",
        unclear="Proszę o więcej szczegółów: jaki rodzaj, rozmiar lub ilość?",
        unrelated="Tutaj pomagamy w sprawie naszych produktów. W innych sprawach prosimy o telefon.",
        bulk="{price} od {quantity} szt.",
        out="chwilowo niedostępne",
    ),
    "zh": Sentences(
        found="为您找到以下商品：",
        alternatives="没有完全符合的商品。以下比较接近：",
        nothing="没有找到合适的商品。请换个说法，或给我们打电话。",
        unclear="请再说明一下：需要哪一种、什么尺寸、多少数量？",
        unrelated="这里只能回答商品方面的问题。其他事情请给我们打电话。",
        bulk="{quantity} 件起 {price}",
        out="暂时缺货",
    ),
}


def sentences_in(language: str) -> Sentences:
    """For a language tag; its region does not matter."""
    return _SENTENCES.get(language.partition("-")[0].lower(), _SENTENCES["en"])
