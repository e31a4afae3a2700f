"""Credentials by the shapes that their issuers give them, so that a match is hardly ever an accident.

Sources: the issuers' own documentation; the rules that gitleaks (https://github.com/gitleaks/gitleaks, config/) and
detect-secrets (https://github.com/Yelp/detect-secrets, plugins/) publish. Of two shapes in one text, the first counts.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

# Of a run of such characters one is tried, however long it is.
_START = r"(?<![A-Za-z0-9])"
_DIGIT = r"(?=[A-Za-z_.-]{0,100}[0-9])"  # what people write in place of a token is words
_PLACEHOLDER = re.compile(r"X{8}|x{8}|\*{4}|(?i:your[-_])")


@dataclass(frozen=True, eq=False)
class Shape:
    """What an issuer's credentials look like. Each has one of the words in it, which are quick to look for."""

    kind: str
    words: tuple[str, ...]
    pattern: re.Pattern[str]

    def found_in(self, text: str) -> bool:
        return any(word in text for word in self.words) and any(
            not _PLACEHOLDER.search(match[0]) for match in self.pattern.finditer(text)
        )


def _shape(kind: str, words: str, pattern: str) -> Shape:
    return Shape(kind, tuple(words.split()), re.compile(f"{_START}(?:{pattern})"))


SHAPES = (
    _shape("an AWS access key", "AKIA ASIA", r"A[KS]IA[0-9A-Z]{16}(?![A-Z0-9])"),
    _shape("an Amazon Bedrock key", "ABSK bedrock-api-key-", r"(?:ABSK|bedrock-api-key-)[A-Za-z0-9+/]{40,}"),
    _shape(
        "a GitHub token",
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
        r"gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,}",
    ),
    _shape(
        "a GitLab token",
        "glpat- gldt- glrt- glcbt- glptt- gloas- glft- glffct- glimt- glsoat- glagent- GR1348941",
        rf"gl(?:pat|dt|rt|cbt|ptt|oas|ft|ffct|imt|soat|agent)-{_DIGIT}[A-Za-z0-9_.-]{{20,}}|GR1348941[A-Za-z0-9_-]{{20}}",
    ),
    _shape("a Slack token", "xox xapp-", rf"(?:xox[abeoprs]|xapp)-{_DIGIT}[A-Za-z0-9-]{{10,}}"),
    _shape(
        "a Slack webhook",
        "hooks.slack.com",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Z]{1,20}[0-9][A-Z0-9]*/[A-Za-z0-9/]{8,}",
    ),
    _shape(
        "an OpenAI or Anthropic key",
        "sk-",
        rf"sk-(?:(?:proj|svcacct|admin|or-v1|ant-[a-z]{{3,9}}[0-9]{{2}})-{_DIGIT}[A-Za-z0-9_-]{{16,}}"
        r"|(?=[A-Za-z]{0,100}[0-9])[A-Za-z0-9]{20,})",
    ),
    _shape("a Stripe key", "k_live_ k_test_ whsec_", r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/]{24,}"),
    _shape("a Hugging Face token", "hf_ api_org_", r"(?:hf|api_org)_[A-Za-z0-9]{30,}"),
    _shape(
        "the key of a model's provider",
        "gsk_ xai- r8_ pplx- pcsk_ lsv2_",
        r"gsk_[A-Za-z0-9]{40,}|xai-[A-Za-z0-9]{40,}|r8_[A-Za-z0-9]{30,}|pplx-[A-Za-z0-9]{40,}|pcsk_[A-Za-z0-9_]{40,}"
        r"|lsv2_(?:pt|sk)_[0-9a-f]{32}",
    ),
    _shape(
        "a package registry's token",
        "npm_ pypi- rubygems_ dckr_",
        r"npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,}|rubygems_[0-9a-f]{48}|dckr_[op]at_[A-Za-z0-9_-]{20,}",
    ),
    _shape(
        "a Vault token",
        "hvs. hvb. hvr. s.",
        r"hv[sbr]\.[A-Za-z0-9_-]{24,}|s\.(?=[a-z0-9]{0,23}[A-Z])(?=[A-Za-z]{0,23}[0-9])[A-Za-z0-9]{24}(?![A-Za-z0-9])",
    ),
    _shape(
        "a Google key or token",
        "AIza ya29. GOCSPX- 1//0",
        r"AIza[0-9A-Za-z_-]{35}|ya29\.[0-9A-Za-z_-]{20,}|GOCSPX-[0-9A-Za-z_-]{24,}|1//0[0-9A-Za-z_-]{30,}",
    ),
    _shape("an Azure client secret", "Q~", r"[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}"),
    _shape(
        "a private key",
        "PRIVATE AGE-SECRET-KEY-1 PuTTY-User-Key-File-",
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|AGE-SECRET-KEY-1|PuTTY-User-Key-File-[0-9]",
    ),
    _shape("a JSON web token", "eyJ", r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\."),
    _shape(
        "a password's hash",
        "$apr1$ $2a$ $2b$ $2y$ $argon2 $5$ $6$ {SHA}",
        r"\$(?:apr1|2[aby]|5|6|argon2[a-z]{1,2})\$[A-Za-z0-9./$=,+]{22,}|\{SHA\}[A-Za-z0-9+/]{27}=",
    ),
    _shape("a SendGrid key", "SG.", r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    _shape("a Twilio key", "SK", r"SK[0-9a-f]{32}(?![0-9A-Za-z])"),
    _shape("a Telegram bot's token", ":A", r"[0-9]{8,10}:A[A-Za-z0-9_-]{34}(?![A-Za-z0-9_-])"),
    _shape("a Discord webhook", "/api/webhooks/", r"discord(?:app)?\.com/api/webhooks/[0-9]{10,}/[A-Za-z0-9_-]{20,}"),
    _shape("a Shopify token", "shpat_ shpca_ shppa_ shpss_", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    _shape("a Databricks token", "dapi", r"dapi[0-9a-f]{32}"),
    _shape("a DigitalOcean token", "dop_v1_ doo_v1_ dor_v1_", r"do[opr]_v1_[0-9a-f]{64}"),
    _shape("a Grafana token", "glsa_ glc_", r"glsa_[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}|glc_[A-Za-z0-9+/]{32,}"),
    _shape("a New Relic key", "NRAK- NRII- NRJS-", r"NR(?:AK|II|JS)-[A-Za-z0-9-]{19,}"),
    _shape("a Linear key", "lin_api_ lin_oauth_", r"lin_(?:api|oauth)_[A-Za-z0-9]{40,}"),
    _shape("an Atlassian token", "ATATT3", r"ATATT3[A-Za-z0-9_=-]{50,}"),
    _shape("a Terraform token", ".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,}"),
    _shape("a Tailscale key", "tskey-", rf"tskey-[a-z]{{3,12}}-{_DIGIT}[A-Za-z0-9-]{{16,}}"),
    _shape("a Sonar token", "squ_ sqp_ sqa_", r"sq[upa]_[0-9a-f]{40}"),
    _shape(
        "a service's token",
        "HRKU-AA ntn_ sha256~ pscale_ PMAK- pnu_ pul- sntrys_ sntryu_ ops_eyJ sq0atp- dp.pt. dt0c01. fo1_ fm2_",
        r"HRKU-AA[A-Za-z0-9_-]{50,}|ntn_[0-9]{11}[A-Za-z0-9]{30,}|sha256~[A-Za-z0-9_-]{43}|pnu_[A-Za-z0-9]{36}"
        r"|pscale_(?:tkn|oauth|pw)_[A-Za-z0-9_=.-]{32,}|PMAK-[0-9a-f]{24}-[0-9a-f]{34}|pul-[0-9a-f]{40}"
        r"|sntrys_eyJ[A-Za-z0-9+/=_]{40,}|sntryu_[0-9a-f]{64}|ops_eyJ[A-Za-z0-9+/]{100,}|sq0atp-[A-Za-z0-9_-]{22}"
        r"|dp\.pt\.[A-Za-z0-9]{40,}|dt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}|fo1_[A-Za-z0-9_-]{43}|fm2_[A-Za-z0-9+/]{100,}",
    ),
)
# White space in the middle of a long run of a token's characters, as where a line was folded.
_FOLD = re.compile(r"(?<=[A-Za-z0-9_-]{10})\s+(?=[A-Za-z0-9_-]{10})")
# Characters without a width, or that only say which way text runs.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


def find(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each text that holds a credential, and the kind of it."""
    seen = {text: _seen(text) if " " in text or "\n" in text or not text.isascii() else text for text in texts}
    everything = "\n".join(seen.values())
    shapes = dict.fromkeys(shape for shape in SHAPES for word in shape.words if word in everything)
    if shapes:
        yield from _of(shapes, seen)


def _of(shapes: Iterable[Shape], seen: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for text, shown in seen.items():
        kind = next((shape.kind for shape in shapes if shape.found_in(shown)), None)
        if kind:
            yield text, kind


def _seen(text: str) -> str:
    """What a person would see, in one piece."""
    return _FOLD.sub("", _UNSEEN.sub("", text))


def masked(text: str) -> str:
    """The text without the credentials in it."""
    for shape in SHAPES:
        if any(word in text for word in shape.words):
            text = shape.pattern.sub("***", text)
    return text
