"""Kitchen words that products are not named by: Spanish, and the trade's other names. Without accents."""

# What someone types → what the catalogue calls it. All the words of a value go together.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "delantal": ("apron",),
}
