"""Everything the rules can ask about one tool, gathered once: which lists of words were found, and where."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field

from classifier.actions import MAX_LISTED, Action, actions
from classifier.definition import Tool
from classifier.hostile import Passage, defaults, everything, normalised, passages, plain, quoted
from classifier.match import Begun, Hits, Place
from classifier.name import NameVerb, joined_verbs, name_verb
from classifier.reading import Reading, read_description
from classifier.ruleset import Ruleset
from classifier.schema import Property, properties
from classifier.server import Server
from classifier.text import Text, all_visible, read
from classifier.words import Token, tokens

_HINTS = ("readOnlyHint", "destructiveHint", "openWorldHint", "idempotentHint")
_FREE_TYPES = frozenset({"string", "array", "object"})


@dataclass(slots=True)
class Facts:
    """What is known of one tool before any rule has fired."""

    tool: Tool
    name: Text
    title: Text
    description: Text
    tokens: Sequence[Token]
    reading: Reading
    verb: NameVerb | None
    title_verb: NameVerb | None
    joined: tuple[NameVerb, ...]
    """Verbs that the name joins to its verb: ``scan_and_fix``."""
    nouns: frozenset[str]
    """The nouns of the name in the singular: what the tool is about."""
    actions: tuple[Action, ...]
    """What each value of a selector argument does, with its place."""
    hits: Hits = field(default_factory=dict)


def gather(tool: Tool, position: int, server: Server, ruleset: Ruleset) -> Facts:
    """Read one tool. Never raises, whatever the definition holds; work is bounded."""
    description = read(tool.description)
    reading = read_description(description.lower, ruleset.lexicon, ruleset.forms, server.sibling_names)
    said = frozenset(verb.word for verb, _, _ in reading.verbs)
    title = read(tool.title)
    name_tokens = server.tokens[position]
    verb = name_verb(server.own_tokens(position), ruleset.lexicon, said, verb_last=server.verb_last)
    title_tokens = tokens(title.plain) if tool.title else []
    title_verb = name_verb(title_tokens, ruleset.lexicon, said, verb_last=False) if title_tokens else None
    inputs = properties(tool.input_schema)
    facts = Facts(
        tool=tool,
        name=server.names[position],
        title=title,
        description=description,
        tokens=name_tokens,
        reading=reading,
        verb=verb,
        title_verb=title_verb,
        joined=tuple(joined_verbs(name_tokens, ruleset.lexicon)),
        nouns=_nouns(name_tokens, verb, ruleset),
        actions=actions(inputs, verb, reading, ruleset.lexicon),
    )
    _Finder(facts, ruleset, server.all_names).find(inputs, properties(tool.output_schema))
    return facts


def _nouns(name: Sequence[Token], verb: NameVerb | None, ruleset: Ruleset) -> frozenset[str]:
    skip = ruleset.lexicon.grammar.boilerplate
    return frozenset(
        _singular(token.word)
        for token in name
        if not (verb is not None and verb.start <= token.start < verb.end) and token.word not in skip
    )


def _singular(word: str) -> str:
    if len(word) > 3 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _begin(known: Begun, words: list[str], at: int, end: int, hits: Hits) -> None:
    """Note what begins at one word of the description and ends in time."""
    for number in known[0]:
        if number not in hits:
            hits[number] = ("description", at, at + 1)
    for phrase, length, numbers in known[1]:
        if at + length <= end and tuple(words[at : at + length]) == phrase:
            for number in numbers:
                if number not in hits:
                    hits[number] = ("description", at, at + length)


class _Finder:
    """Notes which lists of words hold a fact, each with the first place."""

    def __init__(self, facts: Facts, ruleset: Ruleset, names: Container[str]) -> None:
        self.facts = facts
        self.ruleset = ruleset
        self.index = ruleset.index
        self.hits = facts.hits
        self.known_names = names
        self.arguments: Sequence[Property] = ()

    def find(self, inputs: Sequence[Property], outputs: Sequence[Property]) -> None:
        self.find_verbs()
        self.find_name("name", self.facts.tokens, self.facts.verb)
        self.find_prose()
        self.find_properties(inputs, outputs)
        self.find_marks(inputs)
        self.find_patterns(inputs, outputs)

    def note(self, test: str, word: str, place: Place) -> None:
        for number in self.index.words[test].get(word, ()):
            if number not in self.hits:
                self.hits[number] = place

    def find_verbs(self) -> None:
        facts = self.facts
        if facts.verb is not None:
            self.note("verb", facts.verb.verb.word, facts.verb.place("name"))
        for verb, start, end in facts.reading.verbs:
            self.note("verb", verb.word, ("description", start, end))
        if facts.title_verb is not None and facts.verb is None and not facts.reading.verbs:
            self.note("verb", facts.title_verb.verb.word, facts.title_verb.place("title"))

    def find_name(self, where: str, name: Sequence[Token], verb: NameVerb | None) -> None:
        """Note the nouns of a name; a verb that may be a noun counts as both."""
        forms = self.ruleset.forms
        words = [forms.get(token.word, token.word) for token in name]
        for at, token in enumerate(name):
            if verb is not None and verb.start <= token.start < verb.end and (verb.sure or not verb.verb.also_noun):
                continue
            for test in ("noun", "object"):
                self.note(test, words[at], (where, token.start, token.end))
                for phrase in self.index.phrases[test].get(words[at], ()):
                    if tuple(words[at : at + len(phrase)]) == phrase:
                        place = (where, token.start, name[at + len(phrase) - 1].end)
                        self.note(test, " ".join(phrase), place)

    def find_prose(self) -> None:
        reading, hits = self.facts.reading, self.hits
        words = reading.words
        first_end = reading.first[1]
        spoken = self.index.spoken
        for start, end in reading.live:
            for at in range(start, end):
                # The hottest loop: most words are the beginning of nothing, and one look-up says so.
                known = spoken.get(words[at])
                if known is not None:
                    _begin(known.says, words, at, end, hits)
                    if at < first_end:
                        _begin(known.first, words, at, min(end, first_end), hits)
        for start, end in reading.objects:
            for at in range(start, end):
                self.find_object(words, at, end)
        for at in reading.negations:
            known = spoken.get(words[at])
            if known is not None:
                _begin(known.says, words, at, len(words), hits)

    def find_object(self, words: list[str], at: int, end: int) -> None:
        """Note the word at one place of the verb's object, and the phrases that begin there and end in time."""
        word = words[at]
        self.note("object", word, ("description", at, at + 1))
        for phrase in self.index.phrases["object"].get(word, ()):
            stop = at + len(phrase)
            if stop <= end and tuple(words[at:stop]) == phrase:
                self.note("object", " ".join(phrase), ("description", at, stop))

    def find_properties(self, inputs: Sequence[Property], outputs: Sequence[Property]) -> None:
        lexicon, named = self.ruleset.lexicon, self.index.named
        if inputs and lexicon.says_unlimited("\n".join([one.description for one in inputs])):
            for one in inputs:
                if lexicon.unlimited_if_omitted.search(one.description[:MAX_LISTED].lower()):
                    self.note("omitted", "unlimited", (f"param:{one.name}", 0, len(one.name)))
        for one in inputs:
            if one.key not in named:
                continue
            place = (f"param:{one.name}", 0, len(one.name))
            self.note("param", one.key, place)
            if not one.types or "boolean" in one.types:
                self.note("flag", one.key, place)
            if "boolean" not in one.types and not one.constrained and (not one.types or one.types & _FREE_TYPES):
                self.note("free", one.key, place)
        for one in outputs:
            if one.key in named:
                self.note("output", one.key, (f"output:{one.name}", 0, len(one.name)))

    def find_patterns(self, inputs: Sequence[Property], outputs: Sequence[Property]) -> None:
        """Search every text for what a server wants a model to do, and every default for secrets."""
        self.arguments = inputs
        tool = self.facts.tool
        texts = everything(tool, inputs, outputs)
        visible = all_visible(texts)
        which = self.ruleset.patterns["text"].anywhere(plain(texts, visible=visible))
        if which:
            self._search("text", which, passages(tool, inputs, outputs))
        given = list(defaults(inputs))
        if given:
            which = self.ruleset.patterns["default"].anywhere(
                plain("\n".join([one.original for one in given]), visible=False)
            )
            self._search("default", which, given)
        if not visible:
            for one in passages(tool, inputs, outputs):
                seen = normalised(one)
                if seen.hidden is not None and one.field not in {"title", "description"}:
                    self.note("hidden", "argument", (quoted(one), *seen.hidden))

    def _search(self, test: str, which: Sequence[int], searched: Iterable[Passage]) -> None:
        patterns = self.ruleset.patterns[test]
        for one in searched:
            seen = normalised(one)
            for hit in patterns.find(which, seen.plain):
                if hit.tool is None or not self._is_own(hit.tool):
                    span = seen.span(hit.start, hit.end)
                    self.note(test, hit.pattern, (quoted(one), *span))

    def _is_own(self, tool: str) -> bool:
        """Say whether a name is a tool of this server or an argument of this tool."""
        return tool.lower() in self.known_names or any(tool.lower() == one.name.lower() for one in self.arguments)

    def find_marks(self, inputs: Sequence[Property]) -> None:
        facts = self.facts
        whole = ("name", 0, len(facts.name.plain))
        self.note("parameters", "some" if inputs else "none", whole)
        for hint in _HINTS:
            value = facts.tool.hint(hint)
            if value is not None:
                text = "true" if value else "false"
                self.note("hint", f"{hint}:{text}", (f"annotation:{hint}", 0, len(text)))
        for where, seen in (("name", facts.name), ("title", facts.title), ("description", facts.description)):
            if seen.hidden is not None:
                self.note("hidden", where, (f"hidden:{where}", *seen.hidden))
        for category, place in facts.actions:
            self.note("action", category, place)
        for verb, at in facts.reading.also:
            self.note("also", verb.word, ("description", at, at + 1))
        for verb, start, end in facts.reading.joined:
            self.note("joined", verb.word, ("description", start, end))
        for joined in facts.joined:
            self.note("joined", joined.verb.word, joined.place("name"))
        if facts.reading.nominal is not None:
            at, kind = facts.reading.nominal
            self.note("nominal", kind, ("description", at, at + 1))
