"""How words are found in what projects say: in any case, with or without accents, the same on every database."""

import unicodedata

LONGEST_SEARCH = 200  # characters
_MOST_WORDS = 8


def folded(*texts: str) -> str:
    """Return texts as they are searched: small letters without accents, one space between words."""
    apart = unicodedata.normalize("NFKD", "\n".join(texts)).casefold()
    return " ".join("".join(sign for sign in apart if not unicodedata.combining(sign)).split())


def words(search: str) -> list[str]:
    """Return the words that all have to be found."""
    return list(dict.fromkeys(folded(search[:LONGEST_SEARCH]).split()))[:_MOST_WORDS]
