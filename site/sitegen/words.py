"""The sentences' vocabulary: what categories, traits, levels and outcomes are called in plain English."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, assert_never

from classifier.verdict import Category, Classification, Level, Recoverability


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Return for example ``1 tool``, ``2 tools`` or ``1,200 categories``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(items: Sequence[str], conjunction: str = "and") -> str:
    """Return ``a``, ``a and b`` or ``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {conjunction} {items[-1]}"


def article(word: str) -> str:
    """Return the word with ``a`` or ``an``; for this vocabulary, whose words sound as they are spelled."""
    return f"{'an' if word[:1].lower() in 'aeio' else 'a'} {word}"


def capital(sentence: str) -> str:
    """Return the sentence with its first letter in upper case."""
    return sentence[:1].upper() + sentence[1:]


def category_claim(category: Category) -> str:
    """Say what a call of this category does."""
    match category:
        case Category.READ:
            return "a call returns something and changes nothing"
        case Category.WRITE:
            return "a call creates or changes something"
        case Category.DELETE:
            return "a call removes or overwrites something"
        case Category.ADMIN:
            return "a call changes what the system runs, or who may do what there"
    assert_never(category)


def category_use(category: Category) -> str:
    """Say what agents use tools of this category for; follows the words ``An agent calls X to``."""
    match category:
        case Category.READ:
            return "get an answer from {place} before it decides what to do next"
        case Category.WRITE:
            return "create or change something on {place} once it knows what it wants"
        case Category.DELETE:
            return "remove or overwrite something on {place}"
        case Category.ADMIN:
            return "change what {place} runs, or who may do what there"
    assert_never(category)


def category_summary(category: Category) -> str:
    """Say what the category holds, for its own page."""
    match category:
        case Category.READ:
            return "Tools that look something up. By their interface, nothing changes."
        case Category.WRITE:
            return "Tools that create, change, send or pay."
        case Category.DELETE:
            return "Tools that remove something, overwrite it without keeping the old version, or roll it back."
        case Category.ADMIN:
            return "Tools that change what a system runs or who may do what: code, power, installs, permissions."
    assert_never(category)


def level_summary(level: Level) -> str:
    """Say what a risk level means, for its own page."""
    match level:
        case Level.LOW:
            return "A wrong call costs little."
        case Level.MEDIUM:
            return "A wrong call does harm that is limited, or that can be undone."
        case Level.HIGH:
            return "A wrong call does serious harm that takes work to repair."
        case Level.CRITICAL:
            return "A wrong call does serious harm that cannot be undone, or that has no bound."
    assert_never(level)


def recoverability_words(verdict: Classification) -> str:
    """Say whether what a call did can be undone."""
    match verdict.recoverability:
        case Recoverability.R0:
            return "nothing to undo"
        case Recoverability.R1:
            return f"undone by {verdict.inverse}"
        case Recoverability.R2:
            return "repaired outside this tool"
        case Recoverability.R3:
            return "cannot be undone"
    assert_never(verdict.recoverability)


def recoverability_sentence(verdict: Classification) -> str:
    """Say in a sentence whether what a call did can be undone, and how."""
    match verdict.recoverability:
        case Recoverability.R0:
            return "By its interface nothing changes and nothing secret comes back, so there is nothing to undo."
        case Recoverability.R1:
            return f"The same server offers {verdict.inverse}, which undoes what a call did."
        case Recoverability.R2:
            return "No tool on the same server simply undoes a call; its effect is repaired by other means, or passes."
        case Recoverability.R3:
            return "What a call did cannot be undone, or has no bound."
    assert_never(verdict.recoverability)


def recoverability_claim(recoverability: Recoverability) -> str:
    """Say the same in a few words; what it was seen from follows."""
    match recoverability:
        case Recoverability.R0:
            return "There is nothing to undo"
        case Recoverability.R1:
            return "It can be undone"
        case Recoverability.R2:
            return "It is not simply undone"
        case Recoverability.R3:
            return "It cannot be undone, or has no bound"
    assert_never(recoverability)


@dataclass(frozen=True, slots=True)
class TraitWords:
    """How pages speak of one trait."""

    does: str
    """Follows the word ``it``: ``creates a credential``."""
    consequence: str
    """Why that matters: a whole sentence."""


TRAITS: Mapping[str, TraitWords] = MappingProxyType(
    {
        "access-control": TraitWords(
            "changes who may reach something", "One wrong call can open it to others or lock out those who need it."
        ),
        "audit-tamper": TraitWords(
            "changes logs, alerts or their retention", "What happens afterwards may leave no record."
        ),
        "bulk": TraitWords("acts on many things in one call", "A mistake is multiplied before anyone sees it."),
        "bulk-destroy": TraitWords("can destroy data wholesale", "There may be nothing left to restore from."),
        "bulk-egress": TraitWords(
            "copies data in bulk to another place", "Whoever chooses the destination gets all of it."
        ),
        "bulk-secret": TraitWords("returns many secrets at once", "Every one of them would have to be replaced."),
        "code-exec": TraitWords(
            "runs code or commands", "Whatever text reaches it runs with the rights of the server."
        ),
        "content-write": TraitWords(
            "writes text that others read", "Other people and other agents may act on what it wrote."
        ),
        "credential-change": TraitWords(
            "changes a password or another secret", "Whoever knows the new one takes over; the owner is locked out."
        ),
        "credential-mint": TraitWords(
            "creates a credential", "Whoever holds the credential can use it after the conversation has ended."
        ),
        "delete-flag": TraitWords(
            "has a flag that makes it destroy data", "The caller, which may be an agent, sets that flag."
        ),
        "egress-channel": TraitWords(
            "sends text to a channel inside the workspace", "Everyone who reads the channel sees it."
        ),
        "egress-external": TraitWords(
            "sends something to a recipient outside", "What has been sent cannot be called back."
        ),
        "egress-url": TraitWords(
            "requests an address that the caller chooses",
            "The address itself can carry data out, or point into your own network.",
        ),
        "exposure": TraitWords("can make something reachable for others", "What was private may become public."),
        "file-write": TraitWords("writes files", "The path may belong to settings or code that something runs later."),
        "free-query": TraitWords("takes free query text", "The text decides what happens, not the tool's name."),
        "irreversible": TraitWords("says that its effect is final", "There is no way back."),
        "lifecycle": TraitWords(
            "starts a system or a service", "It uses resources, and may bring back what somebody had stopped."
        ),
        "lock-out": TraitWords("can cut off those who administer the system", "There may be no way in to undo it."),
        "memory-write": TraitWords(
            "writes what later sessions remember", "Something false that is planted today steers the agent tomorrow."
        ),
        "money": TraitWords("moves money or value", "A wrong amount or a wrong recipient is a real loss."),
        "multi-action": TraitWords(
            "dispatches to many actions", "A rule on its name alone allows or denies all of them together."
        ),
        "network-control": TraitWords(
            "changes which traffic may pass", "Such a rule decides what can be reached, and by whom."
        ),
        "physical": TraitWords("acts on something in the physical world", "The effect does not stop at the screen."),
        "power": TraitWords("starts, stops or restarts something", "Others may depend on it at that moment."),
        "private-data": TraitWords(
            "returns data that may be private", "What it returns is then within reach of every later tool call."
        ),
        "privilege-change": TraitWords(
            "changes privileges", "One call can widen what every later call is allowed to do."
        ),
        "raw-api": TraitWords(
            "passes any request on to an API", "It reaches every operation, also those that rules on other tools deny."
        ),
        "recovery-inhibit": TraitWords("removes what a recovery needs", "Without it, later damage is permanent."),
        "repo-write": TraitWords("changes a code repository", "What it changed may be built and shipped."),
        "revocation": TraitWords(
            "takes a credential away", "That stops an attacker, and also everything that still uses the credential."
        ),
        "schedule": TraitWords("arranges something that happens later", "It goes on after the conversation is over."),
        "secret-out": TraitWords(
            "returns a secret", "The secret is then in the conversation, and in whatever logs it."
        ),
        "self-confirm": TraitWords(
            "asks the caller to confirm by a parameter", "An agent fills that in itself, so it protects nothing."
        ),
        "session": TraitWords("acts in a logged-in session", "Sites treat what it does as the user's own act."),
        "software-change": TraitWords("installs or changes software", "Somebody else's code then runs there."),
        "system-tuning": TraitWords(
            "changes kernel, loader or boot settings", "A wrong value can keep the system from starting."
        ),
        "untrusted-in": TraitWords(
            "returns text that outsiders can write", "Such text can contain instructions meant for the agent."
        ),
    }
)


def trait_words(trait: str) -> TraitWords:
    """Return how to speak of ``trait``; one that has no words of its own is called by its name."""
    return TRAITS.get(trait) or TraitWords(f"carries the trait {trait}", "")


SEEN: Mapping[Literal["occurred", "demonstrated", "analogous"], str] = MappingProxyType(
    {
        "occurred": "has happened",
        "demonstrated": "shown by researchers",
        "analogous": "known from other software",
    }
)
"""How far an attack pattern is known (catalog.attacks.AttackPattern.seen)."""


FINDINGS: Mapping[str, str] = MappingProxyType(
    {
        "hint-mismatch": "the server's own hints contradict what the words of the definition say",
        "hidden-characters": "the definition contains characters that cannot be seen",
        "poisoning": "the definition gives a model orders that have nothing to do with using the tool",
        "shadowing": "the definition gives orders about a tool of another server",
        "contradicts-schema": "the description promises what the parameters do not keep",
        "secret-in-schema": "a default or an example in the schema looks like a secret",
        "unscoped-credential": "unless the caller limits it, the credential is unrestricted",
    }
)


def finding_words(finding: str) -> str:
    """Say what is wrong with a definition."""
    return FINDINGS.get(finding) or f"the definition has the finding {finding}"
