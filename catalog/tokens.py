"""What a definition costs: the tokens it takes in a model's context whenever a client has loaded the server.

Counted is what a client hands to a model: name, description and input schema as compact JSON, in the encoding
o200k_base. Other models' encodings differ by some per cent, and clients add a few tokens around each definition.
"""

import json
from functools import cache

from splintr import AnyTokenizer, Tokenizer

from classifier.definition import JsonObject

ENCODING = "o200k_base"
# Characters that are counted at most; the rest of a longer definition is estimated from them.
MOST_CHARACTERS = 200_000


def tokens_of(definition: JsonObject) -> int:
    """Return how many tokens one tool definition, as published, costs."""
    sent = {key: definition[key] for key in ("name", "description", "inputSchema") if key in definition}
    text = json.dumps(sent, ensure_ascii=False, separators=(",", ":"), default=dict)
    counted = text[:MOST_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
    return round(len(_tokenizer().encode(counted)) * len(text) / len(counted))


@cache
def _tokenizer() -> AnyTokenizer:
    return Tokenizer.from_pretrained(ENCODING)
