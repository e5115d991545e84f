"""Alert rules and channels as plain data."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from pipeline.core.query.tree import Node, lists_in
from pipeline.core.query.written import to_text

SEVERITIES = ("info", "low", "medium", "high", "critical")

#: What makes a rule send a message: every article, the first of a story, a story that has grown as `growth` says, a
#: reported article that changed materially; fewer or more articles than its rhythm lets one expect.
TRIGGERS = ("article", "story", "growth", "change", "silence", "burst")

#: How the connection to a mail server is encrypted, and the port that is then usual.
SECURITY = {"starttls": 587, "tls": 465, "none": 25}

COUNTING = frozenset({"silence", "burst"})  # those that only count articles


@dataclass(frozen=True, slots=True)
class Growth:
    """How far a story must have grown for the trigger `growth`; 0: no matter. Then again at each doubling."""

    sources: int = 0
    countries: int = 0
    languages: int = 0


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom the messages are for. Rules may have other quiet hours and digests."""

    zone: str = "UTC"  # IANA name
    quiet: tuple[str, ...] = ()  # "22:00-07:00", "mon-fri 22:00-07:00", "sat-sun"
    digest: str = "daily 08:00"  # "hourly", "daily 08:00,18:00", "weekly mon-fri 08:00"
    old_after: float = 3 * 86400.0  # seconds between publication and arrival from which an article is old


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One rule. `node` must match: the query and the filters. `asked` is the part of it that is shown as the reason."""

    name: str
    query: str
    node: Node
    asked: Node
    severity: str
    channels: tuple[str, ...]
    copies: str = "skip"  # or "alert"
    enabled: bool = True
    description: str = ""
    id: str = ""  # optional; keeps the history of the rule when its name changes
    triggers: tuple[str, ...] = ("article",)  # see TRIGGERS
    by: str = ""  # of silence and burst: feed, topic or source has its own rhythm each; "": the rule has one
    growth: Growth = Growth()
    group: str = "story"  # or "none": every article has its own message
    follow_up: float | None = 3600.0  # seconds to the first message about more reports of a story, doubles; None: none
    throttle: float = 0.0  # seconds between two messages of the rule at least
    budget: int | None = None  # messages a day at most, in the reader's time zone
    quiet: tuple[str, ...] | None = None  # as the reader's; None: those of the reader; (): none
    send: str = "now"  # or "digest": only in digests
    digest: str | None = None  # as the reader's; None: that of the reader
    old: str = "label"  # or "skip": articles that were old when they arrived
    must_match: tuple[str, ...] = ()  # texts on which `check` tries the rule
    must_not_match: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What the rule's history is kept under."""
        return self.id or self.name

    @property
    def counts(self) -> bool:
        """Whether articles are only counted, for silence and burst: none is reported itself."""
        return bool(self.triggers) and set(self.triggers) <= COUNTING

    @property
    def hash(self) -> str:
        """Changes with what the rule means: which articles it reports, how they belong together, and where they go.
        Its name and when messages are sent are no part of that."""
        lists = sorted({f"@{found.name}={found.hash}" for found in lists_in(self.node)})
        means = (self.severity, self.channels, self.copies, self.triggers, self.by, self.growth, self.group, self.old)
        return hash_of(self.key, to_text(self.node), repr(means), *lists)

    @property
    def times(self) -> str:
        """Everything that decides when a message is sent, and how it is named."""
        return repr((self.name, self.follow_up, self.throttle, self.budget, self.quiet, self.send, self.digest))


@dataclass(frozen=True, slots=True)
class ChannelSpec:
    """Where alerts go. URLs, secrets, headers and passwords are never printed, logged or published; in them, ${NAME}
    stands for an environment variable. The files that hold them are read again when they change."""

    name: str
    type: str  # terminal, file, apprise, webhook, mail, atom
    path: str | None = None  # of a file; of atom: a folder
    max_mb: int | None = None
    entries: int = 100  # of an Atom feed
    urls: tuple[str, ...] = field(default=(), repr=False)
    url_file: str | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)  # of a webhook: each signs
    secret_file: str | None = None
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    server: str = ""  # of mail
    port: int | None = None  # None: that of `security`
    security: str = "starttls"  # see SECURITY
    username: str = field(default="", repr=False)
    password: str | None = field(default=None, repr=False)
    password_file: str | None = None
    sender: str = ""
    to: tuple[str, ...] = ()
    list_id: str | None = None  # None: made of the channel's name and the sender's domain
    each: bool | None = None  # every alert at once and alone, without limits; None: of file and atom, see `records`
    give_up: float = 7 * 86400.0  # seconds after which an undelivered message is no longer tried
    timeout: float = 60.0  # seconds of one attempt
    template: str | None = None  # a file in templates/
    line: int | None = field(default=None, compare=False)  # of its table in alerts.toml

    @property
    def records(self) -> bool:
        """Whether it gets every alert at once and alone: it keeps records, nobody has to read them."""
        return self.type in ("file", "atom") if self.each is None else self.each


def hash_of(*parts: str) -> str:
    """A short hash of the parts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
