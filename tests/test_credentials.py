"""Credentials in the spec: each shape that is refused, where it may hide, and ordinary text that passes."""

import base64
import random
import re
import string
import time
from pathlib import Path

import pytest

from generator.problems import Stop
from generator.spec import credentials, reader
from tests.support import as_yaml
from tests.test_rules import changed, expected_in, fleet_of, lines_and_rules, problems_of

# Random, always the same, and with a digit where an issuer's have one.
_RANDOM = random.Random(1)


def digits(count: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    return "7" + "".join(_RANDOM.choices(alphabet, k=count - 1))


def hexadecimal(count: int) -> str:
    return digits(count, "0123456789abcdef")


CREDENTIALS = {
    "AKIAIOSFODNN7EXAMPLE": "an AWS access key",
    "ASIAIOSFODNN7EXAMPLE": "an AWS access key",
    "ABSK" + digits(120): "an Amazon Bedrock key",
    "bedrock-api-key-" + digits(60): "an Amazon Bedrock key",
    "ghp_0123456789abcdefghijABCDEFGHIJ0123456789": "a GitHub token",
    "ghs_0123456789abcdefghijABCDEFGHIJ0123456789": "a GitHub token",
    "github_pat_" + "a1B2c3_" * 10: "a GitHub token",
    **{
        f"{prefix}-{digits(40)}": "a GitLab token"
        for prefix in (
            "glpat",
            "gldt",
            "glrt",
            "glcbt",
            "glptt",
            "gloas",
            "glft",
            "glffct",
            "glimt",
            "glsoat",
            "glagent",
        )
    },
    "GR1348941" + digits(20): "a GitLab token",
    "xoxb-1234567890-abcdefghij": "a Slack token",
    "xapp-1-A0B1C2D3-1234567890-abcdef": "a Slack token",
    "https://hooks.slack.com/services/T0/B0/abcdefgh": "a Slack webhook",
    "https://hooks.slack.com/workflows/T0123456/A0123456/987654321/aBcDeFgHiJ": "a Slack webhook",
    "https://hooks.slack.com/triggers/T0123456/987654321/0123456789abcdef": "a Slack webhook",
    "sk-0123456789abcdefghijklmn": "an OpenAI or Anthropic key",
    "sk-proj-" + digits(60): "an OpenAI or Anthropic key",
    "sk-or-v1-" + hexadecimal(64): "an OpenAI or Anthropic key",
    "sk-ant-api03-0123456789abcdefghijklmn": "an OpenAI or Anthropic key",
    "sk_live_" + digits(24): "a Stripe key",
    "rk_test_" + digits(24): "a Stripe key",
    "whsec_" + digits(32): "a Stripe key",
    "hf_" + digits(34): "a Hugging Face token",
    "gsk_" + digits(52): "the key of a model's provider",
    "xai-" + digits(80): "the key of a model's provider",
    "r8_" + digits(37): "the key of a model's provider",
    "pplx-" + digits(48): "the key of a model's provider",
    "pcsk_" + digits(6) + "_" + digits(60): "the key of a model's provider",
    f"lsv2_pt_{hexadecimal(32)}_{hexadecimal(10)}": "the key of a model's provider",
    "npm_" + digits(36): "a package registry's token",
    "pypi-AgEIcHlwaS5vcmc" + digits(50): "a package registry's token",
    "rubygems_" + hexadecimal(48): "a package registry's token",
    "dckr_pat_" + digits(27): "a package registry's token",
    "hvs." + digits(90): "a Vault token",
    "s." + "aB3dE5gH7jK9mN1pQ3sT5vW7": "a Vault token",
    "AIza" + "0123456789-abcdefghij_ABCDEFGHIJ0123": "a Google key or token",
    "ya29." + digits(60): "a Google key or token",
    "GOCSPX-" + digits(28): "a Google key or token",
    "1//0" + digits(60): "a Google key or token",
    digits(3) + "8Q~" + digits(34): "an Azure client secret",
    "-----BEGIN RSA PRIVATE KEY-----\\nMIIEpAIBAAKCAQEA": "a private key",
    "-----BEGIN PRIVATE KEY-----": "a private key",
    "PuTTY-User-Key-File-3: ssh-ed25519": "a private key",
    "AGE-SECRET-KEY-1" + digits(58).upper(): "a private key",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc": "a JSON web token",
    "admin:$2y$05$" + digits(53): "a password's hash",
    "admin:$apr1$" + "abcdefgh$" + digits(22): "a password's hash",
    "SG." + digits(22) + "." + digits(43): "a SendGrid key",
    "SK" + hexadecimal(32): "a Twilio key",
    "1234567890:A" + digits(34): "a Telegram bot's token",
    "https://discord.com/api/webhooks/123456789012345678/" + digits(68): "a Discord webhook",
    "shpat_" + hexadecimal(32): "a Shopify token",
    "dapi" + hexadecimal(32): "a Databricks token",
    "dop_v1_" + hexadecimal(64): "a DigitalOcean token",
    f"glsa_{digits(32)}_{hexadecimal(8)}": "a Grafana token",
    "glc_" + digits(60): "a Grafana token",
    "NRAK-" + digits(27).upper(): "a New Relic key",
    "lin_api_" + digits(40): "a Linear key",
    "ATATT3" + digits(186): "an Atlassian token",
    digits(14) + ".atlasv1." + digits(67): "a Terraform token",
    "tskey-auth-" + digits(16): "a Tailscale key",
    "squ_" + hexadecimal(40): "a Sonar token",
    "ntn_" + "1" * 11 + digits(35): "a service's token",
    "dp.pt." + digits(43): "a service's token",
    "postgresql://admin:hunter2@db.example.com/fleet": "a password in a URL",
    "postgresql://admin:pa/ss@db.example.com/fleet": "a password in a URL",
    "redis://:12345@cache.example.com": "a password in a URL",
    f"https://{hexadecimal(32)}@github.com/example/fleet": "a password in a URL",
}
WHERE = [
    "description: {}",
    "config: {{A: {}}}",
    "secrets: [{}]",
    "labels: {{a: {}}}",
    "identity: {}",
    "image: {}",
    "{}: 5",
    "talksTo: [{}]",
    "platform: {{services: {{db: {{host: {}, port: 443}}}}}}",
    "jobs: {{scan: {{schedule: 0 2 * * *, args: [--key, {}]}}}}",
    "environments: {{{}: {{}}}}",
]


def spec_with(line: str) -> str:
    key = line.partition(":")[0]
    in_place = {"description": "description:", "image": "image:", "platform": "in: fleet"}
    return changed({in_place.get(key, "in: helper"): line})


def problems_with(line: str, folder: Path) -> list[str]:
    return [problem.message for problem in problems_of(spec_with(line), folder) if problem.rule == "credential"]


def parts_of(value: str) -> list[str]:
    public = ("hooks.slack.com/services", "PRIVATE", "SECRET", "discord", "webhooks", "example", "postgresql")
    return [part for part in re.findall(r"[A-Za-z0-9]{8,}", value) if not any(part in one for one in public)]


@pytest.mark.parametrize("value", CREDENTIALS)
def test_a_credential_is_refused_at_its_line_and_not_repeated(value: str, tmp_path: Path) -> None:
    for where in WHERE:
        text = spec_with(where.format(f'"{value}"') + "  # E: credential")
        problems = problems_of(text, tmp_path)
        assert lines_and_rules(problems) == sorted(expected_in(text)), "\n".join(map(str, problems))
        assert problems[0].message.endswith(f": this looks like {CREDENTIALS[value]}"), where
        for part in parts_of(value):
            assert part not in str(problems[0]).replace("-----BEGIN", "")


def test_a_credential_in_a_list_or_twice_is_not_repeated(tmp_path: Path) -> None:
    token = "ghp_0123456789abcdefghijABCDEFGHIJ0123456789"
    text = changed({"in: helper": f"secrets: [{token}, {token}]\nconfig:\n  {token}: a\n  {token}: b"})
    with pytest.raises(Stop) as stop:
        fleet_of(text, tmp_path)
    assert token[:20] not in str(stop.value)
    assert {"credential", "duplicate-key"} <= {problem.rule for problem in stop.value.problems}


ORDINARY = [
    f"ghcr.io/example/helper:1@sha256:{'0123456789abcdef' * 4}",
    "0123456789abcdef" * 4,
    "a" * 200,
    "arn:aws:iam::123456789012:role/helper",
    "https://sqs.us-east-1.amazonaws.com/123456789012/queue",
    "https://0123456789ABCDEF0123456789ABCDEF.gr7.us-east-1.eks.amazonaws.com",
    "https://example.com:8443/a@b",
    "postgresql://db.example.com:5432/fleet",
    "postgresql://admin@db.example.com/fleet",
    "postgresql://$(USER):$(PASSWORD)@db/x",
    "postgresql://${USER}:${PASSWORD}@db/x",
    "postgresql://{user}:{password}@db/x",
    "postgresql://app:<password>@db/x",
    f"docker://reg:5000@sha256:{'0123456789abcdef' * 4}",
    "git@github.com:example/fleet.git",
    "hooks.slack.com",
    "https://hooks.slack.com/",
    "https://hooks.slack.com/services/YOUR/WEBHOOK/URL",
    "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
    "xoxb-your-token-here",
    "ghp_" + "x" * 36,
    "task-runner-with-a-very-long-name-of-words",
    "ask-0123456789abcdefghijklmn",
    "sk-learn-model-registry-production-v2",
    "s3://sk-bratislava-data-lake-production-2024/models",
    "sk-bratislava-1.internal.example.com",
    "AKIA",
    "eyJhbGciOiJIUzI1NiJ9",
    "550e8400-e29b-41d4-a716-446655440000",
    "-----BEGIN CERTIFICATE-----",
    "projects/x/secrets/github-token/versions/latest",
    "PWD=/var/lib/agent",
    "Server=db;Password=Required;Encrypt=True",
    "Rotates password=expired accounts",
    "Checks that a password: is set, and every token: has an owner",
    "Says Authorization: Bearer $(TOKEN)",
    "api_key=$API_KEY",
    "token: <your token>",
    "max_tokens=4096",
    "--token=false",
    "--secret=my-secret-name",
    "--secret my-secret-v2",
    "secretName: fleet-tls-2024",
    "See tokens such as ghp_ and others, which are refused since 2021 by everything and everyone",
    base64.b64encode(b"a text that says nothing in particular").decode(),
    base64.b64encode(bytes.fromhex("308203e8308202d0a003020102020900") * 4).decode(),  # as a certificate begins
]


@pytest.mark.parametrize("value", ORDINARY)
def test_ordinary_text_is_no_credential(value: str, tmp_path: Path) -> None:
    assert problems_of(changed({"in: helper": f'config: {{VALUE: "{value}"}}'}), tmp_path) == []
    args = f'jobs: {{scan: {{schedule: 0 2 * * *, args: ["{value}"]}}}}'
    assert (
        problems_of(changed({"jobs:": args.replace("jobs: {", "jobs: {more: {schedule: 0 2 * * *}, ")}), tmp_path) == []
    )


# ----------------------------------------------------------------------------------------------------- a name beside it


@pytest.mark.parametrize(
    "value",
    [
        "aws_secret_access_key = abcdEFGH0123/abcdEFGH0123+abcdEFGH012345",
        '{"user": "x", "password": "hunter2hunter2"}',
        "password: hunter2hunter2",
        "Password = hunter2hunter2",
        "Server=db;Password=hunter2hunter2;Encrypt=True",
        "DefaultEndpointsProtocol=https;AccountKey=abcd0123/+==;EndpointSuffix=core.windows.net",
        "Endpoint=sb://x.servicebus.windows.net/;SharedAccessKey=abcd0123+abcd0123=",
        "Authorization: Bearer abcdef0123456789",
        "Authorization: Basic YWRtaW46aHVudGVyMg==",
        "x-api-key: abcdef0123456789",
        "https://api.example.com/v1?api_key=abcdef0123456789",
        "https://api.example.com/v1?a=b&access_token=abcdef0123456789",
        "https://x.blob.core.windows.net/c?sv=2024-01-01&sig=abcdef0123456789%2Babcdef%3D",
        "DB_PASSWORD=hunter2hunter2 run",
        "PGPASSWORD=hunter2hunter2 psql",
        "export API_TOKEN=hunter2hunter2",
        "client --password hunter2hunter2",
        "machine api.example.com login me password hunter2hunter2",
        '{"auths": {"ghcr.io": {"auth": "bWU6aHVudGVyMg=="}}}',
        "token: hunter2hunter2\\nuser: me",
        "client-key-data: LS0tLS1CRUdJTiBQ",
    ],
)
def test_a_secret_is_known_by_the_name_beside_it(value: str, tmp_path: Path) -> None:
    value = value.replace('"', '\\"')
    assert problems_with(f'config: {{VALUE: "{value}"}}', tmp_path) == [
        "agents.helper.config.VALUE: this looks like a password, token or key with its name"
    ]


@pytest.mark.parametrize(
    "words",
    [
        ["--password", "hunter2hunter2"],
        ["--password", "swordfish"],
        ["--password=swordfish"],
        ["-x", "--token", "hunter2hunter2"],
        ["--auth-token=hunter2hunter2"],
        ["--client-secret=hunter2hunter2"],
        ["--api_key=hunter2hunter2"],
        ["--access-key=hunter2hunter2"],
        ["curl", "-u", "a:b", "https://example.com"],
        ["sh", "-c", "curl -s --user a:b https://example.com"],
        ["mysql", "-u", "root", "-phunter2"],
        ["sh", "-c", "mysqldump -phunter2 fleet"],
    ],
)
def test_a_program_is_not_given_a_password(words: list[str], tmp_path: Path) -> None:
    for key in ("command", "args"):
        job = as_yaml({"scan": {"schedule": "0 2 * * *", key: words}})
        (message,) = problems_with(f"jobs: {job}", tmp_path)
        assert message.startswith(f"agents.helper.jobs.scan.{key}.")
        assert message.endswith((": this looks like a password as an argument", "token or key with its name"))


def test_a_command_and_its_arguments_are_read_together(tmp_path: Path) -> None:
    line = "jobs: {scan: {schedule: 0 2 * * *, command: [/usr/bin/curl], args: [-u, 'a:b']}}"
    assert problems_with(line, tmp_path) == [
        "agents.helper.jobs.scan.args.1: this looks like a password as an argument"
    ]


@pytest.mark.parametrize(
    "words",
    [
        ["--password", "$(DB_PASSWORD)"],
        ["--password-file", "/run/secrets/password"],
        ["--password", "/run/secrets/password"],
        ["--token=false"],
        ["--secret=my-secret-name"],
        ["--secret", "my-secret-name"],
        ["--use-token", "--verbose-output"],
        ["--token", "-v"],
        ["curl", "-u", "$(USER):$(PASSWORD)", "https://example.com"],
        ["docker", "run", "-u", "1000:1000"],
        ["mysql", "-p", "fleet"],
        ["ssh", "-p2222"],
    ],
)
def test_a_program_may_be_told_where_its_password_is(words: list[str], tmp_path: Path) -> None:
    job = as_yaml({"scan": {"schedule": "0 2 * * *", "args": words}})
    assert problems_with(f"jobs: {job}", tmp_path) == []


# ------------------------------------------------------------------------------------------------------------- settings

SECRET_SETTINGS = (
    "DB_PASSWORD PASSWORD GITHUB_TOKEN OPENAI_API_KEY APIKEY AWS_SECRET_ACCESS_KEY CLIENT_SECRET TLS_PRIVATE_KEY "
    "AWS_CREDENTIALS DJANGO_SECRET_KEY SSH_PASSPHRASE PASSWORD_DB DB_PW DBPASS DB_PWD API_KEYS API_TOKENS DB_CREDS "
    "APP_SECRETS SECRET_KEY_BASE STORAGE_KEY MASTER_KEY LICENSE_KEY ENCRYPTION_KEY_V2 API_KEY_PRIMARY AUTH_TOKEN_VALUE "
    "BASIC_AUTH JWT SESSION_COOKIE HASH_SALT API_KEY_2 password"
).split()
OTHER_SETTINGS = (
    "TOKEN_URL PASSWORD_MIN_LENGTH KEYBOARD COMPASS PRIMARY_KEY SECRETARY CACHE_KEY JWT_ISSUER COOKIE_NAME AUTH_MODE"
).split()


@pytest.mark.parametrize("key", [*SECRET_SETTINGS, *OTHER_SETTINGS])
def test_a_setting_that_is_named_like_a_secret(key: str, tmp_path: Path) -> None:
    found = [f"agents.helper.config: {key} is named like a secret"] if key in SECRET_SETTINGS else []
    assert problems_with(f"config: {{{key}: hunter2hunter2}}", tmp_path) == found
    assert problems_with(f'config: {{{key}: ""}}', tmp_path) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("DB_PASSWORD", "12345"),
        ("DB_PASSWORD", '"1"'),
        ("DB_PASSWORD", "root"),
        ("API_KEY", "swordfish"),
        ("AZDO_PAT", "abcdefghijklmnopqrstuvwxyz234567"),
        ("SENTRY_DSN", "https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/2"),
        ("DB_DSN", "postgresql://me:hunter2@db/x"),
    ],
)
def test_a_name_and_its_value_together_are_a_secret(key: str, value: str, tmp_path: Path) -> None:
    assert problems_with(f"config: {{{key}: {value}}}", tmp_path) == [
        f"agents.helper.config: {key} is named like a secret"
    ] or problems_with(f"config: {{{key}: {value}}}", tmp_path) == [
        f"agents.helper.config.{key}: this looks like a password in a URL"
    ]


KMS = "arn:aws:kms:us-east-1:123456789012:key/550e8400-e29b-41d4-a716-446655440000"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("LLM_MAX_TOKEN", "4096"),
        ("LLM_MAX_TOKENS", '"4096"'),
        ("MAX_TOKENS", "16_000"),
        ("TOKENS", "4096"),
        ("EOS_TOKEN", '"</s>"'),
        ("EOS_TOKEN", '"<|endoftext|>"'),
        ("PAD_TOKEN", '"[PAD]"'),
        ("STOP_TOKEN", '"### end"'),
        ("USE_TOKEN", "true"),
        ("USE_TOKEN", '"yes"'),
        ("API_TOKEN", "abc"),
        ("REQUIRE_API_KEY", '"true"'),
        ("REQUIRE_API_KEY", "required"),
        ("FILE_PAT", '"reports-*.csv"'),
        ("IGNORE_PAT", "node_modules"),
        ("WORK_PWD", "/var/lib/agent"),
        ("WORK_PWD", "workspace"),
        ("PWD", "/var/lib/agent"),
        ("K8S_SECRET", "helper-credentials"),
        ("KMS_ENCRYPTION_KEY", KMS),
        ("KMS_ENCRYPTION_KEY", "alias/agents"),
        ("SIGNING_KEY", KMS),
        ("SIGNING_KEY", "/etc/keys/signing.pem"),
        ("SESSION_COOKIE", "agent_session"),
        ("STORAGE_KEY", "agents/state.json"),
        ("DB_PASSWORD", '"$(OTHER_PASSWORD)"'),
        ("DB_DSN", "postgresql://db.example.com/x"),
        ("API_KEY", "https://vault.example.com/v1/key"),
    ],
)
def test_a_setting_whose_value_is_no_secret(key: str, value: str, tmp_path: Path) -> None:
    assert problems_with(f"config: {{{key}: {value}}}", tmp_path) == []


# ------------------------------------------------------------------------------------------------------- where it hides

TOKEN = "ghp_0123456789abcdefghijABCDEFGHIJ0123456789"


@pytest.mark.parametrize(
    "value",
    [
        base64.b64encode(f"x {TOKEN}".encode()).decode(),
        base64.urlsafe_b64encode(f"??>>{TOKEN}".encode()).decode().rstrip("="),
        f"see {base64.b64encode(TOKEN.encode()).decode()}",
        TOKEN.encode().hex(),
        TOKEN.encode().hex().upper(),
    ],
)
def test_an_encoded_credential_is_read(value: str, tmp_path: Path) -> None:
    for where in ("config: {{VALUE: '{}'}}", "labels: {{a: '{}'}}", "description: '{}'"):
        (message,) = problems_with(where.format(value), tmp_path)
        assert message.endswith(": this looks like a GitHub token, encoded")


def test_a_private_key_is_known_without_its_header(tmp_path: Path) -> None:
    pkcs1 = bytes.fromhex("308204a40201000282010100") + bytes(range(60, 160))
    pkcs8 = bytes.fromhex("308204be020100300d06092a864886f70d010101") + bytes(range(60, 160))
    sec1 = bytes.fromhex("30770201010420") + bytes(range(60, 160))
    openssh = b"openssh-key-v1\0" + bytes(range(60, 160))
    for key in (pkcs1, pkcs8, sec1, openssh):
        lines = base64.encodebytes(key).decode().strip().split("\n")
        line = "config:\n  VALUE: |\n" + "\n".join(f"    {line}" for line in lines)
        assert problems_with(line, tmp_path) == ["agents.helper.config.VALUE: this looks like a private key, encoded"]


@pytest.mark.parametrize("hidden", ["\\u200b", "\\uFEFF", "\\u00ad", "\\n", "\\n  ", " "])
def test_a_credential_in_pieces_is_seen(hidden: str, tmp_path: Path) -> None:
    value = TOKEN[:24] + hidden + TOKEN[24:]
    assert problems_with(f'config: {{VALUE: "{value}"}}', tmp_path) == [
        "agents.helper.config.VALUE: this looks like a GitHub token"
    ]


def test_a_credential_with_escapes_is_seen(tmp_path: Path) -> None:
    value = "".join(f"\\x{ord(letter):02x}" for letter in TOKEN)
    assert problems_with(f'config: {{VALUE: "{value}"}}', tmp_path) == [
        "agents.helper.config.VALUE: this looks like a GitHub token"
    ]


def test_a_comment_is_read_too(tmp_path: Path) -> None:
    text = spec_with(f"budget: {{infra: 5}}  # {TOKEN}\n# password: hunter2hunter2")
    problems = problems_of(text, tmp_path)
    line = next(number for number, line in enumerate(text.splitlines(), start=1) if TOKEN in line)
    assert [(one.where.line, one.where.column, one.rule, one.message) for one in problems] == [
        (line, 25, "credential", "a comment: this looks like a GitHub token"),
        (line + 1, 5, "credential", "a comment: this looks like a password, token or key with its name"),
    ]


def test_a_comment_at_the_beginning_of_the_file_is_read(tmp_path: Path) -> None:
    problems = problems_of(f"#{TOKEN}\n" + changed({}), tmp_path)
    assert [(one.where.line, one.where.column) for one in problems] == [(1, 1)]


def test_what_looks_like_a_comment_in_a_text_is_said_once(tmp_path: Path) -> None:
    text = spec_with(f"config:\n  VALUE: |\n    first\n    # {TOKEN}")
    assert [one.message for one in problems_of(text, tmp_path)] == [
        "agents.helper.config.VALUE: this looks like a GitHub token"
    ]


@pytest.mark.parametrize(
    ("name", "is_token"),
    [
        ("a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4", True),
        ("github-a1b2c3d4e5f6a1b2c3d4e5f6", True),
        ("github-token-2024", False),
        ("averylongnameofasecretwithoutahyphen", False),
        ("s3-access-key", False),
    ],
)
def test_a_name_under_secrets_is_a_name(name: str, is_token: bool, tmp_path: Path) -> None:
    found = ["agents.helper.secrets.0: this looks like a token, and not the name of one"] if is_token else []
    assert problems_with(f"secrets: [{name}]", tmp_path) == found


# ---------------------------------------------------------------------------------------------------------------- time

LONG = 10_000
WORST = [
    "a" * LONG,
    "7" * LONG,
    "-" * LONG,
    " " * LONG,
    "A7" * LONG,
    "a-" * LONG,
    "a1" * LONG + "!",
    "sk-" * LONG,
    "sk-" + "a" * LONG,
    "eyJ" + "a" * LONG,
    "eyJaaaaaaaaaa." * (LONG // 10),
    "://a:b" * LONG,
    "://a:1@" * LONG,
    "://" + "a" * LONG,
    "://a:" + "b" * LONG,
    "password=" * LONG,
    "password" + "=" * LONG,
    "password " * LONG,
    "--password " * LONG,
    "--a-" * LONG,
    "-" * LONG + "password",
    "curl " * LONG,
    "curl " + "-u " * LONG,
    "mysql " * LONG,
    "login a " * LONG,
    "bearer " * LONG,
    "?sig=" * LONG,
    "$5$" * LONG,
    "hooks.slack.com/services/" + "T1" * LONG,
    "-----BEGIN " * LONG,
    "a.atlasv1." * LONG,
    "Q~" * LONG,
    "a b " * LONG,
    "Ab Cd " * LONG,
    "pwd=a-b-" * LONG,
    "pwd=" + "a-B" * LONG,
    "<" * LONG,
    "$(" * LONG,
    "#" * LONG,
    " #" * LONG,
    "MDEyMzQ1Njc4OWFiY2RlZmdoaWo=" * (LONG // 20),
]


@pytest.mark.parametrize("text", WORST, ids=lambda text: text[:20])
def test_no_text_takes_longer_than_its_length(text: str) -> None:
    """Every search ends in time linear in the text: of twenty thousand characters, far below a second."""
    job = {"args": [text], "command": ["mysql", text], "config": {"PASSWORD_": text}, "secrets": [text]}
    document, _ = reader.parse(f"# {text}\n" + as_yaml(job), "x")
    start = time.process_time()
    credentials.check(document)
    assert time.process_time() - start < 1


def test_many_texts_take_as_long_as_they_are_many() -> None:
    def seconds(count: int) -> float:
        values = {f"V{number}": f"{number} {digits(30)} https://example.com/{number}" for number in range(count)}
        document, _ = reader.parse(as_yaml({"config": values}), "x")
        start = time.process_time()
        credentials.check(document)
        return time.process_time() - start

    assert seconds(8000) < 10 * seconds(2000) + 0.05
