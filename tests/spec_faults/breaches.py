"""A fleet for each rule that breaks it alone: a change to sound.yaml, the words for it, a neighbour that passes.

The expected error stands on the line that causes it, as `# E: rule-id`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Breach:
    """A change to the sound fleet that breaks one rule, the words for it, and a smaller change that does not.

    Each change replaces a line of the sound fleet, named by its beginning, or adds lines `in: fleet`, `in: helper` or
    `in: other`.
    """

    rule: str
    broken: dict[str, str]
    says: str
    fine: dict[str, str]


LONG = "a" * 40
TALKS_TO_API = "talksTo: [kubernetes-api]"


def permission(group: str, resource: str) -> str:
    return f"permissions: [{{apiGroups: [{group}], resources: [{resource}], verbs: [get]}}]"


def named(resources: str, verbs: str) -> str:
    return f'permissions: [{{apiGroups: [""], resources: [{resources}], verbs: [{verbs}], resourceNames: [a]}}]'


PERMISSION = permission("apps", "deployments")

PARAMETERS = "{provider: aws, service: ParameterStore, region: us-east-1, identity: arn}"
AZURE = f'{{provider: azure, vaultURL: "https://x.vault.azure.net", tenantID: {"0" * 36}, identity: arn}}'
API = {"kubernetes": 'kubernetes: {version: "1.33", platform: eks, apiServer: [10.0.0.1/32]}'}

BREACHES = [
    # What cannot be read past, but has a place of its own; the rest of it is in test_reader.
    Breach(
        "duplicate-key",
        {"in: fleet": "registry: ghcr.io\nregistry: ghcr.io/example  # E: duplicate-key"},
        "key 'registry' is already on line 7; delete one of them",
        {"in: fleet": "registry: ghcr.io/example"},
    ),
    Breach(
        "alias",
        {"in: helper": "team2: *ops  # E: alias", "team: ops": "team: &ops ops  # E: alias"},
        "&ops: anchors and aliases are not supported; delete it",
        {"in: helper": "config: {A: '*ops'}"},
    ),
    Breach(
        "tag",
        {"in: helper": "budget: {infra: !!int 5}  # E: tag"},
        "infra: tag '!!int' is not supported; delete it",
        {"in: helper": "budget: {infra: 5}"},
    ),
    Breach(
        "merge-key",
        {"in: helper": "config: {<<: {A: b}}  # E: merge-key"},
        "merge keys are not supported; write the values out, or use `defaults`",
        {"in: helper": "config: {A: <<}"},
    ),
    Breach(
        "key",
        {"in: helper": "config: {[A]: b}  # E: key"},
        "a key must be text; write a plain word",
        {"in: helper": "config: {A: b}"},
    ),
    # Shape
    Breach(
        "unknown-key",
        {"service: {}": "service: {replcas: {}}  # E: unknown-key"},
        "agents.helper.service: unknown key 'replcas'; did you mean 'replicas'?",
        {"service: {}": "service: {replicas: {}}"},
    ),
    Breach(
        "missing-key",
        {"gitops": "gitops: {path: x}  # E: missing-key"},
        "gitops: key 'repoURL' is missing; add it: its URL, without credentials",
        {"gitops": "gitops: {repoURL: git@example.com:fleet}"},
    ),
    Breach(
        "missing-key",
        {"in: helper": "environments:\n  dev: {jobs: {extra: {retries: 2}}}  # E: missing-key"},
        "agents.helper.environments.dev.jobs.extra: key 'schedule' is missing; each of jobs needs it",
        {"in: helper": "environments:\n  dev: {jobs: {extra: {schedule: 5 4 * * *}}}"},
    ),
    Breach(
        "missing-key",
        {"in: helper": "volumes: {data: {size: 1Gi, shared: true}}  # E: missing-key"},
        "agents.helper.volumes.data: key 'path' is missing; each of volumes needs it",
        {"in: helper": "volumes: {data: {size: 1Gi, path: /data, shared: true}}"},
    ),
    Breach(
        "missing-key",
        {"prod:": "prod: {sync: manual, secretStore: {provider: vault, server: https://v.io}}  # E: missing-key"},
        "environments.prod.secretStore: key 'role' is missing; add it: the role of Vault's Kubernetes auth",
        {"prod:": "prod: {sync: manual, secretStore: {provider: vault, server: https://v.example.com, role: x}}"},
    ),
    Breach(
        "missing-key",
        {"secretStore": "secretStore: {provider: aws, identity: arn}  # E: missing-key"},
        "secretStore: key 'region' is missing; add it: the AWS region",
        {"secretStore": "secretStore: {provider: aws, identity: arn, region: eu-west-1}"},
    ),
    Breach(
        "unknown-value",
        {"kubernetes": 'kubernetes: {version: "1.26", platform: eks}  # E: unknown-value'},
        "kubernetes.version: '1.26' is not known; did you mean '1.36'?",
        {"kubernetes": 'kubernetes: {version: "1.27", platform: eks}'},
    ),
    Breach(
        "wrong-type",
        {"kubernetes": "kubernetes: {version: 1.33, platform: eks}  # E: wrong-type"},
        'kubernetes.version: 1.33 is a number, not text; put it in quotes: "1.33"',
        {"kubernetes": "kubernetes: {version: '1.33', platform: eks}"},
    ),
    Breach(
        "wrong-type",
        {"service: {}": "service:  # E: wrong-type"},
        "agents.helper.service: has no value; expected a mapping",
        {"service: {}": "service: {}"},
    ),
    Breach(
        "wrong-type",
        {"in: helper": "environments:\n  dev: {enabled: off}  # E: wrong-type"},
        "agents.helper.environments.dev.enabled: 'off' is not true or false",
        {"in: helper": "environments:\n  dev: {enabled: false}"},
    ),
    Breach(
        "bad-name",
        {"in: helper": "config: {lower: x}  # E: bad-name"},
        "agents.helper.config: 'lower' is not valid; expected: the name of an environment variable",
        {"in: helper": "config: {_UPPER: x}"},
    ),
    Breach(
        "bad-value",
        {"in: helper": "resources: {limits: {memory: 1024}}  # E: wrong-type"},
        "agents.helper.resources.limits.memory: 1024 is a number, not text; expected: memory or storage, "
        "with a unit: `512Mi`, `4Gi`",
        {"in: helper": "resources: {limits: {memory: 1024Mi}}"},
    ),
    Breach(
        "bad-value",
        {"service: {}": "service: {port: 65536}  # E: bad-value"},
        "agents.helper.service.port: 65536 is more than 65535",
        {"service: {}": "service: {port: 65535}"},
    ),
    Breach(
        "bad-value",
        {"in: helper": "resources: {requests: {cpu: 0.00001}}  # E: bad-value"},
        "agents.helper.resources.requests.cpu: 1e-05 is less than 0.001",
        {"in: helper": "resources: {requests: {cpu: 0.001}}"},
    ),
    Breach(
        "bad-value",
        {"in: helper": "resources: {requests: {cpu: 0m}}  # E: bad-value"},
        "agents.helper.resources.requests.cpu: '0m' is not valid; expected: CPU in cores: `2`, `0.5` or `500m`",
        {"in: helper": "resources: {requests: {cpu: 1m}}"},
    ),
    Breach(
        "bad-value",
        {"image: ghcr.io/example/helper": "image: ghcr.io/example/helper:1:2  # E: bad-value"},
        "agents.helper.image: 'ghcr.io/example/helper:1:2' is not valid; expected: a container image in the fleet's "
        "registry, with a tag, a digest (sha256: and 64 hexadecimal digits), or both",
        {"image: ghcr.io/example/helper": f"image: localhost:5000/helper:1.0@sha256:{'0a' * 32}"},
    ),
    Breach(
        "bad-value",
        {"in: helper": "secrets: [a-token, b-token, a-token]  # E: bad-value"},
        "agents.helper.secrets: 'a-token' is listed twice",
        {"in: helper": "secrets: [a-token, b-token]"},
    ),
    Breach(
        "bad-value",
        {"in: fleet": "platform: {services: {db: {host: db.example.com, namespace: db, port: 1}}}  # E: bad-value"},
        "platform.services.db: needs either `host`, or `namespace` and `labels`",
        {"in: fleet": "platform: {services: {db: {labels: {a: b}, namespace: db, port: 1}}}"},
    ),
    Breach(
        "bad-value",
        {"in: fleet": "pricing: {cpu: 1e300}  # E: bad-value"},
        "pricing.cpu: 1e+300 is more than 1000000000",
        {"in: fleet": "pricing: {cpu: 0}"},
    ),
    # Credentials; each of their shapes is in test_credentials below.
    Breach(
        "credential",
        {"in: helper": "config: {DB_PASSWORD: 12345}  # E: credential"},
        "agents.helper.config: DB_PASSWORD is named like a secret; keep the value in the secret store and "
        "list its name "
        "under `secrets`; if it was ever committed, revoke it",
        {"in: helper": "config: {DB_PASSWORD_FILE: /run/x, TOKENS: '5'}"},
    ),
    # Names
    Breach(
        "unknown-tier",
        {"tier: 3": "tier: 2  # E: unknown-tier"},
        "agents.helper.tier: '2' is not known; expected '3'",
        {"tier: 3": "tier: '3'"},
    ),
    Breach(
        "unknown-team",
        {"team: ops": "team: opps  # E: unknown-team"},
        "agents.helper.team: 'opps' is not known; did you mean 'ops'?",
        {"team: ops": "team: opps", "teams:": ""},
    ),
    Breach(
        "unknown-environment",
        {"in: helper": "environments:\n  test: {}  # E: unknown-environment"},
        "agents.helper.environments.test: 'test' is not known; expected 'dev' or 'prod'",
        {"in: helper": "environments:\n  prod: {}"},
    ),
    Breach(
        "unknown-caller",
        {"service: {}": "service: {calledBy: [proxy]}  # E: unknown-caller"},
        "agents.helper.service.calledBy.0: 'proxy' is not known; expected 'alertmanager'",
        {
            "service: {}": "service: {calledBy: [proxy]}",
            "in: fleet": "platform: {callers: {proxy: {namespace: a, labels: {b: c}}}}",
        },
    ),
    Breach(
        "unknown-destination",
        {"in: helper": "talksTo: [internat]  # E: unknown-destination"},
        "agents.helper.talksTo.0: 'internat' is not known; did you mean 'internet'?",
        {"in: helper": "talksTo: [internet]"},
    ),
    Breach(
        "unknown-destination",
        {"tiers:": "tiers: {3: {talksTo: [internat]}}  # E: unknown-destination"},
        "tiers.3.talksTo.0: 'internat' is not known; did you mean 'internet'?",
        {"tiers:": "tiers: {3: {talksTo: [internet]}}"},
    ),
    Breach(
        "unknown-secret",
        {"in: helper": "talksTo: [telemetry]  # E: unknown-secret"},
        "agents.helper.talksTo.0: connecting to 'telemetry' takes the shared secret 'observability-api-key', which is "
        "not listed; add it to secretStore.shared",
        {"in: helper": "talksTo: [cache]"},
    ),
    Breach(
        "unknown-secret",
        {"in: fleet": "platform: {services: {db: {host: db.example.com, port: 1, secret: x}}}  # E: unknown-secret"},
        "platform.services.db.secret: connecting to 'db' takes the shared secret 'x', which is not listed; "
        "add it to secretStore.shared",
        {"in: fleet": "platform: {services: {db: {host: db.example.com, port: 1, secret: redis-password}}}"},
    ),
    Breach(
        "talks-to-itself",
        {"in: helper": "talksTo: [helper]  # E: talks-to-itself"},
        "agents.helper.talksTo.0: an agent need not name itself; delete it",
        {"in: other": "talksTo: [helper]"},
    ),
    Breach(
        "name-taken",
        {"in: fleet": "platform: {services: {helper: {host: db.example.com, port: 1}}}  # E: name-taken"},
        "platform.services.helper: 'helper' already names another destination; choose another name",
        {"in: fleet": "platform: {services: {cache: {host: db.example.com, port: 1}}}"},
    ),
    Breach(
        "reserved-name",
        {"other:": "shared:  # E: reserved-name"},
        "agents.shared: 'shared' is reserved for the secrets that agents share; choose another name",
        {"other:": "share:"},
    ),
    Breach(
        "reserved-name",
        {"prod:": "namespaces: {sync: manual}  # E: reserved-name"},
        "environments.namespaces: 'namespaces' is reserved for the namespaces' own AppProject; choose another name",
        {"prod:": "namespace: {sync: manual}"},
    ),
    Breach(
        "name-too-long",
        {"jobs:": f"jobs: {{{LONG}abcdefg: {{schedule: 0 2 * * *}}}}  # E: bad-name"},
        f"agents.other.jobs: '{LONG}abcdefg' has 47 characters, more than 40",
        {"jobs:": f"jobs: {{{LONG}: {{schedule: 0 2 * * *}}}}"},
    ),
    Breach(
        "name-too-long",
        {"other:": f"{LONG}:", "jobs:": "jobs: {twelve-chars: {schedule: 0 2 * * *}}  # E: name-too-long"},
        f"agents.{LONG}.jobs.twelve-chars: the name '{LONG}-twelve-chars' has 53 characters, more than 52; "
        "shorten a part of it",
        {"other:": f"{LONG}:", "jobs:": "jobs: {elevenchars: {schedule: 0 2 * * *}}"},
    ),
    Breach(
        "name-too-long",
        {
            "metadata": f'metadata: {{name: {LONG}, frameworkVersion: "1"}}',
            "prod:": "a23456789-123456789-123: {}  # E: name-too-long",
        },
        f"environments.a23456789-123456789-123: the namespace '{LONG}-a23456789-123456789-123' has 64 characters, "
        "more than 63; shorten a part of it",
        {"metadata": f'metadata: {{name: {LONG}, frameworkVersion: "1"}}', "prod:": "a23456789-123456789-12: {}"},
    ),
    Breach(
        "name-collision",
        {
            "other:": "other-scan:\n  {description: x, tier: 3, team: ops, costCenter: it, image: 'x:1', "
            "jobs: {again: {schedule: 1 2 * * *}}}\nother:",
            "jobs:": "jobs: {scan-again: {schedule: 0 2 * * *}}  # E: name-collision",
        },
        "agents.other.jobs.scan-again: makes the name 'other-scan-again', as does agents.other-scan.jobs.again; "
        "rename one of them",
        {
            "other:": "other-scan:\n  {description: x, tier: 3, team: ops, costCenter: it, image: 'x:1', "
            "jobs: {again: {schedule: 1 2 * * *}}}\nother:",
            "jobs:": "jobs: {again: {schedule: 0 2 * * *}}",
        },
    ),
    # Who may reach whom
    Breach(
        "destination-without-service",
        {"in: helper": "talksTo: [other]  # E: destination-without-service"},
        "agents.helper.talksTo.0: 'other' runs no service in dev; give it one, or do not talk to it there",
        {"in: other": "talksTo: [helper]"},
    ),
    Breach(
        "destination-without-service",
        {
            "in: other": "talksTo: [helper]  # E: destination-without-service",
            "in: helper": "environments: {dev: {enabled: false}}",
        },
        "agents.other.talksTo.0: 'helper' runs no service in dev; give it one, or do not talk to it there",
        {
            "in: other": "talksTo: [helper]\nenvironments: {dev: {talksTo: []}}",
            "in: helper": "environments: {dev: {enabled: false}}",
        },
    ),
    Breach(
        "destination-without-service",
        {"tiers:": "tiers: {3: {talksTo: [other]}}  # E: destination-without-service", "in: other": "talksTo: []"},
        "tiers.3.talksTo.0: 'other' runs no service in dev; give it one, or do not talk to it there",
        {"tiers:": "tiers: {3: {talksTo: [helper]}}", "in: helper": "talksTo: []"},
    ),
    Breach(
        "api-server-unknown",
        {"in: helper": f"{TALKS_TO_API}  # E: api-server-unknown"},
        "agents.helper.talksTo: names kubernetes-api, but kubernetes.apiServer lists no address range; "
        "list its Service's address and its endpoints' subnets there",
        {
            "in: helper": TALKS_TO_API,
            "kubernetes": 'kubernetes: {version: "1.33", platform: eks, networkPolicy: cilium}',
        },
    ),
    Breach(
        "api-server-unknown",
        {
            "in: helper": f"{TALKS_TO_API}  # E: api-server-unknown",
            "kubernetes": 'kubernetes: {version: "1.33", platform: eks, apiServer: []}',
        },
        "agents.helper.talksTo: names kubernetes-api, but kubernetes.apiServer lists no address range; "
        "list its Service's address and its endpoints' subnets there",
        {
            "in: helper": TALKS_TO_API,
            "kubernetes": 'kubernetes: {version: "1.33", platform: eks, apiServer: ["::1/128"]}',
        },
    ),
    Breach(
        "bad-address-range",
        {"kubernetes": 'kubernetes: {version: "1.33", platform: eks, apiServer: [10.0.0.0/33]} # E: bad-address-range'},
        "kubernetes.apiServer.0: '10.0.0.0/33' is no address range; write it like 10.0.0.0/16",
        {"kubernetes": 'kubernetes: {version: "1.33", platform: eks, apiServer: [10.0.0.0/32]}'},
    ),
    Breach(
        "bad-address-range",
        {"in: helper": "talksTo:\n  - cache\n  - {cidr: 10.0.0/8, port: 1}  # E: bad-address-range"},
        "agents.helper.talksTo.1.cidr: '10.0.0/8' is no address range; write it like 10.0.0.0/16",
        {"in: helper": "talksTo: [{cidr: 10.0.0.0/8, port: 1}]\nlabels: {cidr: x}"},
    ),
    Breach(
        "permissions-without-access",
        {"in: helper": f"{PERMISSION}  # E: permissions-without-access"},
        "agents.helper.permissions: the agent may use the Kubernetes API but not reach it; add "
        "kubernetes-api to talksTo",
        {"in: helper": "permissions: []"},
    ),
    Breach(
        "domain-missing",
        {"service: {}": "service: {expose: true}", "prod:": "prod: {sync: manual}  # E: domain-missing"},
        "environments.prod: has no domain, and agents.helper exposes its service; add `domain`, or expose "
        "nothing there",
        {"service: {}": "service: {expose: true}", "in: helper": "environments: {prod: {service: {expose: false}}}"},
    ),
    # What the cluster can do
    Breach(
        "field-too-new",
        {"service: {}": 'service: {autoscaling: {tolerance: "0.05"}}  # E: field-too-new'},
        "agents.helper.service.autoscaling.tolerance: needs Kubernetes 1.35, and the fleet is for 1.33; "
        "raise kubernetes.version, or leave it out",
        {
            "service: {}": 'service: {autoscaling: {tolerance: "0.05"}}',
            "kubernetes": 'kubernetes: {version: "1.35", platform: eks}',
        },
    ),
    Breach(
        "field-too-new",
        {
            "in: helper": "security: {userNamespaces: true}  # E: field-too-new",
            "kubernetes": 'kubernetes: {version: "1.32", platform: eks}',
        },
        "agents.helper.security.userNamespaces: needs Kubernetes 1.33, and the fleet is for 1.32; "
        "raise kubernetes.version, or leave it out",
        {"in: helper": "security: {userNamespaces: true}"},
    ),
    Breach(
        "identity-without-cloud",
        {
            "in: helper": "identity: x  # E: identity-without-cloud",
            "kubernetes": 'kubernetes: {version: "1.33", platform: onprem}',
        },
        "agents.helper.identity: clusters on premises have no cloud identities; delete it",
        {"in: helper": "identity: 'arn:aws:iam::123456789012:role/helper'"},
    ),
    Breach(
        "reserved-name",
        {"teams": "teams: {ops: {group: 'system:authenticated'}}  # E: reserved-name"},
        "teams.ops.group: 'system:authenticated' is a group of Kubernetes itself, and no team's; "
        "name the identity provider's group",
        {"teams": "teams: {ops: {group: 'systems:authenticated'}}"},
    ),
    Breach(
        "operate-released",
        {"prod:": "prod: {sync: manual, teamAccess: operate}  # E: operate-released"},
        "environments.prod.teamAccess: every team could act as any account in prod, whose syncs take a person; "
        "let them view there",
        {"dev:": "dev: {teamAccess: operate, secretStore: {identity: arn-dev}}"},
    ),
    Breach(
        "unknown-resource",
        {
            "in: helper": f"{TALKS_TO_API}\n{permission('apps', 'deployment/scale')}  # E: unknown-resource",
            **API,
        },
        "agents.helper.permissions.0.resources.0: there is no 'deployment' in the API group 'apps'; "
        "did you mean 'deployments'?",
        {"in: helper": f"{TALKS_TO_API}\n{permission('apps', 'deployments/scale')}", **API},
    ),
    Breach(
        "unknown-resource",
        {
            "in: helper": f"{TALKS_TO_API}\n{permission('batch, policy', 'deployments')}  # E: unknown-resource",
            **API,
        },
        "agents.helper.permissions.0.resources.0: there is no 'deployments' in the API group 'batch' or 'policy'; "
        "expected 'cronjobs', 'jobs' or 'poddisruptionbudgets'",
        {"in: helper": f"{TALKS_TO_API}\n{permission('batch, example.com', 'deployments')}", **API},
    ),
    *(
        Breach(
            "verb-without-name",
            {
                "in: helper": f"{TALKS_TO_API}\n{named('configmaps', f'get, {verb}')}  # E: verb-without-name",
                **API,
            },
            f"agents.helper.permissions.0.verbs.1: {verb} of configmaps is asked for without a name, so "
            "`resourceNames` refuse it always; give it a rule of its own without `resourceNames`, or leave it out",
            {"in: helper": f"{TALKS_TO_API}\n{named(*fine)}", **API},
        )
        for verb, fine in (("create", ("pods/exec", "create")), ("deletecollection", ("configmaps", "get, delete")))
    ),
    Breach(
        "whole-internet",
        {"in: helper": "talksTo: [{cidr: 0.0.0.0/0, port: 443}]  # E: whole-internet"},
        "agents.helper.talksTo.0.cidr: 0.0.0.0/0 is every address, private ones too; say `internet`",
        {"in: helper": "talksTo: [{cidr: 10.0.0.0/8, port: 443}]"},
    ),
    Breach(
        "whole-internet",
        {"in: helper": "talksTo: [{cidr: 8.0.0.0/7, port: 443}]  # E: whole-internet"},
        "agents.helper.talksTo.0.cidr: 8.0.0.0/7 is wider than any network; say `internet`, or name its networks, /8 "
        "or narrower",
        {"in: helper": "talksTo: [{cidr: 8.0.0.0/8, port: 443}]"},
    ),
    Breach(
        "whole-internet",
        {
            "kubernetes": 'kubernetes: {version: "1.33", platform: eks, apiServer: ["f800::/6"]} # E: whole-internet',
            "in: helper": TALKS_TO_API,
        },
        "kubernetes.apiServer.0: f800::/6 is wider than any network; name its networks, /7 or narrower",
        {
            "kubernetes": 'kubernetes: {version: "1.33", platform: eks, apiServer: ["fc00::/7"]}',
            "in: helper": TALKS_TO_API,
        },
    ),
    Breach(
        "host-inside",
        {"in: helper": "talksTo: [{host: other.fleet-dev.svc.cluster.local, port: 8080}]  # E: host-inside"},
        "agents.helper.talksTo.0.host: other.fleet-dev.svc.cluster.local is an agent of the fleet; say other",
        {"in: helper": "talksTo: [{host: other.fleet-dev.svc.example.com, port: 8080}]"},
    ),
    Breach(
        "host-inside",
        {"in: helper": "talksTo: [{host: kubernetes.default.svc, port: 443}]  # E: host-inside"},
        "agents.helper.talksTo.0.host: kubernetes.default.svc is the Kubernetes API; say kubernetes-api",
        {"in: helper": TALKS_TO_API, **API},
    ),
    Breach(
        "host-inside",
        {
            "in: fleet": "platform:\n  services:\n"
            "    search: {host: search.tools.svc.cluster.local, port: 9200}  # E: host-inside"
        },
        "platform.services.search.host: search.tools.svc.cluster.local is inside the cluster, and a host's name opens "
        "addresses outside of it; list it in platform.services by its namespace and labels, and say its name",
        {"in: fleet": "platform: {services: {search: {namespace: tools, labels: {app: search}, port: 9200}}}"},
    ),
    Breach(
        "host-inside",
        {"in: helper": "talksTo: [{host: metadata.google.internal, port: 80}]  # E: host-inside"},
        "agents.helper.talksTo.0.host: metadata.google.internal is the node's own, or the cloud's metadata; leave it "
        "out; `identity` opens what a cloud identity needs",
        {"in: helper": "talksTo: [{host: metadata.google.com, port: 80}]"},
    ),
    Breach(
        "host-inside",
        {"in: helper": "talksTo: [{host: vault.example.internal, port: 8200}]  # E: host-inside"},
        "agents.helper.talksTo.0.host: vault.example.internal is in a private zone, and a plain policy opens public "
        "addresses for a host; say its addresses: {cidr: ..., port: ...}",
        {
            "in: helper": "talksTo: [{host: vault.example.internal, port: 8200}]",
            "kubernetes": 'kubernetes: {version: "1.33", platform: eks, networkPolicy: cilium}',
        },
    ),
    Breach(
        "node-addresses",
        {"in: helper": "talksTo: [{cidr: 169.254.169.254/32, port: 80}]  # E: node-addresses"},
        "agents.helper.talksTo.0.cidr: 169.254.169.254/32 holds addresses of 169.254.0.0/16, "
        "where a node's own services are; leave them out",
        {"in: helper": "talksTo: [{cidr: 169.253.0.0/16, port: 80}]"},
    ),
    Breach(
        "fake-secrets-released",
        {"secretStore": "secretStore: {provider: fake}  # E: fake-secrets-released", "dev:": "dev: {}"},
        "secretStore.provider: made-up secrets in prod, whose syncs take a person; choose a real provider there",
        {"secretStore": "secretStore: {provider: fake}", "dev:": "dev: {}", "prod:": "prod: {sync: auto}"},
    ),
    Breach(
        "fake-secrets-released",
        {"prod:": "prod: {sync: byTier, secretStore: {provider: fake}}  # E: fake-secrets-released"},
        "environments.prod.secretStore.provider: made-up secrets in prod, whose syncs take a person; "
        "choose a real provider there",
        {"dev:": "dev: {secretStore: {provider: fake}}"},
    ),
    Breach(
        "store-fetches-once",
        {"dev:": "dev: {secretStore: {identity: arn-dev, refreshInterval: 0h}}  # E: store-fetches-once"},
        "environments.dev.secretStore.refreshInterval: secrets would be read once, and no new value ever arrive; "
        "give a time such as 1h",
        {"dev:": "dev: {secretStore: {identity: arn-dev, refreshInterval: 0h1s}}"},
    ),
    Breach(
        "store-fetches-once",
        {
            "secretStore": "secretStore: {provider: aws, region: us-east-1, identity: arn, refreshInterval: 0s}"
            "  # E: store-fetches-once"
        },
        "secretStore.refreshInterval: secrets would be read once, and no new value ever arrive; give a time such as 1h",
        {"secretStore": "secretStore: {provider: aws, region: us-east-1, identity: arn, refreshInterval: 10s}"},
    ),
    Breach(
        "store-identity-shared",
        {"in: helper": "identity: arn  # E: store-identity-shared"},
        "agents.helper.identity: is the secret store's in prod, and reads every agent's secrets; "
        "give the agent one of its own",
        {"in: helper": "identity: arn-helper"},
    ),
    Breach(
        "store-identity-shared",
        {"in: helper": "environments: {dev: {identity: arn-dev}}  # E: store-identity-shared"},
        "agents.helper.environments.dev.identity: is the secret store's in dev, and reads every agent's secrets; "
        "give the agent one of its own",
        {"in: helper": "environments: {prod: {identity: arn-dev}}"},
    ),
    Breach(
        "store-identity-shared",
        {"dev:": "dev: {secretStore: {identity: arn}}  # E: store-identity-shared"},
        "environments.dev.secretStore.identity: dev reads the store as prod does, and so its secrets; "
        "give each environment an identity of its own",
        {"dev:": "dev: {sync: manual, secretStore: {identity: arn}}"},
    ),
    Breach(
        "store-identity-shared",
        {
            "secretStore": "secretStore: {provider: aws, region: us-east-1, identity: arn}  # E: store-identity-shared",
            "dev:": "dev: {}",
        },
        "secretStore.identity: dev reads the store as prod does, and so its secrets; "
        "give each environment an identity of its own",
        {"dev:": "dev: {}", "prod:": "prod: {}"},
    ),
    Breach(
        "key-refused",
        {
            "secretStore": f"secretStore: {AZURE}",
            "dev:": "dev: {secretStore: {identity: x}}",
            "metadata": f'metadata: {{name: {"f" * 40}, frameworkVersion: "1"}}',
            "in: other": f"secrets: [a, {'s' * 63}]  # E: key-refused",
            "prod:": f"{'p' * 20}: {{}}",
        },
        f"agents.other.secrets.1: the key '{'f' * 40}--{'p' * 20}--other--{'s' * 63}' has 134 characters, "
        "and Key Vault takes 127; shorten the secret's name, or another part of the key",
        {
            "secretStore": f"secretStore: {AZURE}",
            "dev:": "dev: {secretStore: {identity: x}}",
            "metadata": f'metadata: {{name: {"f" * 40}, frameworkVersion: "1"}}',
            "in: other": f"secrets: [a, {'s' * 56}]",
            "prod:": f"{'p' * 20}: {{}}",
        },
    ),
    Breach(
        "key-refused",
        {
            "secretStore": f"secretStore: {PARAMETERS}",
            "metadata": 'metadata: {name: awsome, frameworkVersion: "1"}  # E: key-refused',
        },
        "metadata.name: Parameter Store takes no key that begins like '/awsome/'; "
        "choose a name that begins otherwise, or Secrets Manager",
        {
            "secretStore": f"secretStore: {PARAMETERS}",
            "metadata": 'metadata: {name: my-aws, frameworkVersion: "1"}',
        },
    ),
    Breach(
        "store-unreadable",
        {"secretStore": "secretStore: {provider: aws, region: us-east-1}  # E: store-unreadable"},
        "environments.prod.secretStore: External Secrets reads aws as an identity, and the store has none; "
        "add `identity`, one for each environment",
        {"prod:": "prod: {sync: manual, secretStore: {identity: arn-prod}}"},
    ),
    Breach(
        "store-unreadable",
        {"dev:": "dev: {secretStore: {provider: gcp, projectID: abcdef}}  # E: store-unreadable"},
        "environments.dev.secretStore: the store logs in by GKE's workload identity, and the clusters are not on GKE; "
        "choose another provider",
        {
            "dev:": "dev: {secretStore: {provider: gcp, projectID: abcdef}}",
            "kubernetes": 'kubernetes: {version: "1.33", platform: gke}',
        },
    ),
    Breach(
        "storage-class-missing",
        {
            "in: helper": "volumes: {data: {size: 1Gi, path: /data, shared: true}}  # E: storage-class-missing",
            "kubernetes": 'kubernetes: {version: "1.33", platform: gke}',
        },
        "agents.helper.volumes.data: GKE has no class of its own for a shared volume this small; "
        "name one in kubernetes.storageClasses.shared",
        {
            "in: helper": "volumes: {data: {size: 1Gi, path: /data, shared: true}}",
            "kubernetes": 'kubernetes: {version: "1.33", platform: gke, storageClasses: {shared: x}}',
        },
    ),
    Breach(
        "ingress-class-missing",
        {
            "in: fleet": "platform: {routing: ingress}",
            "service: {}": "service: {expose: true}  # E: ingress-class-missing",
            "prod:": "prod: {domain: example.com}",
        },
        "agents.helper.service.expose: no controller would serve its Ingress; name one in platform.ingressClass",
        {
            "in: fleet": "platform: {routing: ingress, ingressClass: nginx}",
            "service: {}": "service: {expose: true}",
            "prod:": "prod: {domain: example.com}",
        },
    ),
    Breach(
        "proxies-missing",
        {
            "in: fleet": "platform: {routing: ingress, ingressClass: traefik}",
            "service: {}": "service: {expose: true}  # E: proxies-missing",
            "prod:": "prod: {domain: example.com}",
        },
        "agents.helper.service.expose: the pods of the controller 'traefik' are not known, and would be shut out; "
        "name their namespace and labels in platform.proxies",
        {
            "in: fleet": "platform: {routing: ingress, ingressClass: nginx}",
            "service: {}": "service: {expose: true}",
            "prod:": "prod: {domain: example.com}",
        },
    ),
    Breach(
        "reserved-label",
        {"in: helper": "labels: {kustodian.dev/runs: x}  # E: reserved-label"},
        "agents.helper.labels: 'kustodian.dev/runs' is set by Kustodian; choose another key",
        {"in: helper": "labels: {example.com/runs: x}"},
    ),
    Breach(
        "identity-without-cloud",
        {
            "secretStore": "secretStore: {provider: fake, identity: x}  # E: identity-without-cloud",
            "dev:": "dev: {}",
            "prod:": "prod: {}",
        },
        "secretStore.identity: fake is read without a cloud identity; delete it",
        {"secretStore": "secretStore: {provider: fake}", "dev:": "dev: {}", "prod:": "prod: {}"},
    ),
    Breach(
        "control-character",
        {"in: helper": 'config: {A: "a\\u007fb"}  # E: control-character'},
        "A: character U+007F cannot stand in a manifest; delete it",
        {"in: helper": 'config: {A: "a\\u001fb"}'},
    ),
    Breach(
        "control-character",
        {"in: helper": 'config: {A: "\\ta\\nb"}  # E: control-character'},
        "A: text of several lines that begins with a tab cannot stand in a manifest; begin it with something else",
        {"in: helper": 'config: {A: " \\ta\\nb"}'},
    ),
    Breach(
        "out-of-range",
        {"service: {}": "service: {autoscaling: {scaleDownWindow: 61m}}  # E: out-of-range"},
        "agents.helper.service.autoscaling.scaleDownWindow: 3660 s is not between 0 s and 3600 s; "
        "choose a time in between",
        {"service: {}": "service: {autoscaling: {scaleDownWindow: 60m}}"},
    ),
    Breach(
        "out-of-range",
        {"service: {}": "service: {health: {startup: 0s}}  # E: out-of-range"},
        "agents.helper.service.health.startup: 0 s is not between 1 s and 86400 s; choose a time in between",
        {"service: {}": "service: {health: {startup: 1s}}"},
    ),
    Breach(
        "reserved-name",
        {"in: helper": "volumes: {tmp: {size: 1Gi, path: /data, shared: true}}  # E: reserved-name"},
        "agents.helper.volumes.tmp: 'tmp' is reserved for the scratch space of every pod; choose another name",
        {"in: helper": "volumes: {temp: {size: 1Gi, path: /data, shared: true}}"},
    ),
    Breach(
        "variable-collision",
        {"in: helper": "secrets: [agent-environment]  # E: variable-collision"},
        "agents.helper.secrets.0: 'agent-environment' becomes the variable AGENT_ENVIRONMENT, "
        "which is already set by the pod itself; rename one of them",
        {"in: helper": "secrets: [agent-environments]"},
    ),
    Breach(
        "variable-collision",
        {"in: helper": "config: {POD_NAME: x}  # E: variable-collision"},
        "agents.helper.config.POD_NAME: is already set by the pod itself; rename one of them",
        {"in: helper": "config: {POD_NAMES: x}"},
    ),
    # Waivers
    Breach(
        "bad-date",
        {
            "in: fleet": "waivers:\n"
            "  - {rule: over-agent-budget, reason: x, owner: y, agent: other, until: 2026-02-28}\n"
            "  - {rule: over-tier-budget, reason: x, owner: y, tier: 3, until: 2026-02-29}  # E: bad-date"
        },
        "waivers.1.until: there is no 2026-02-29; write year, month and day, like 2026-12-31",
        {"in: fleet": "waivers: [{rule: over-tier-budget, reason: x, owner: y, tier: 3, until: 2028-02-29}]"},
    ),
    Breach(
        "bad-date",
        {
            "in: fleet": "acknowledgements:\n"
            "  - {change: remove Agent/prod/x, reason: x, owner: y, until: 2026-02-29}  # E: bad-date"
        },
        "acknowledgements.0.until: there is no 2026-02-29; write year, month and day, like 2026-12-31",
        {"in: fleet": "acknowledgements: [{change: remove Agent/prod/x, reason: x, owner: y, until: 2028-02-29}]"},
    ),
    Breach(
        "bad-change",
        {
            "in: fleet": "acknowledgements:\n"
            "  - {change: remove Agent/prod/*, reason: x, owner: y, until: 2026-12-31}  # E: bad-change"
        },
        "acknowledgements.0.change: 'remove Agent/prod/*' names no single change; copy it from the plan: "
        "`remove Kind/namespace/name` or `widen Kind/namespace/name`, one for each",
        {"in: fleet": "acknowledgements: [{change: remove Agent/prod/x, reason: x, owner: y, until: 2026-12-31}]"},
    ),
    Breach(
        "waiver-of-another",
        {
            "in: fleet": "waivers:\n"
            "  - rule: over-agent-budget\n"
            "    reason: x\n"
            "    owner: y\n"
            "    until: 2026-12-31\n"
            "    agent: helper\n"
            "    team: ops  # E: waiver-of-another"
        },
        "waivers.0.team: over-agent-budget is about one agent, whatever the team; delete it, or waive another rule",
        {"in: fleet": "waivers: [{rule: over-team-budget, reason: x, owner: y, team: ops, until: 2026-12-31}]"},
    ),
    Breach(
        "missing-key",
        {
            "in: fleet": "waivers:\n"
            "  - {rule: over-agent-budget, reason: x, owner: y, until: 2026-12-31}  # E: missing-key"
        },
        "waivers.0: key 'agent' is missing; add it: the agent",
        {"in: fleet": "waivers: [{rule: over-agent-budget, reason: x, owner: y, until: 2026-12-31, agent: helper}]"},
    ),
    Breach(
        "unknown-agent",
        {
            "in: fleet": "waivers:\n  - {rule: over-agent-budget, reason: x, owner: y, until: 2026-12-31, agent: helpr}"
            "  # E: unknown-agent"
        },
        "waivers.0.agent: 'helpr' is not known; did you mean 'helper'?",
        {"in: fleet": "waivers: [{rule: over-agent-budget, reason: x, owner: y, until: 2026-12-31, agent: helper}]"},
    ),
    Breach(
        "unknown-tier",
        {
            "in: fleet": "waivers:\n"
            "  - {rule: over-tier-budget, reason: x, owner: y, until: 2026-12-31, tier: 4}  # E: unknown-tier"
        },
        "waivers.0.tier: '4' is not known; expected '3'",
        {"in: fleet": "waivers: [{rule: over-tier-budget, reason: x, owner: y, until: 2026-12-31, tier: 3}]"},
    ),
    Breach(
        "unknown-team",
        {
            "in: fleet": "waivers:\n"
            "  - {rule: over-team-budget, reason: x, owner: y, until: 2026-12-31, team: opps}  # E: unknown-team"
        },
        "waivers.0.team: 'opps' is not known; did you mean 'ops'?",
        {"in: fleet": "waivers: [{rule: over-team-budget, reason: x, owner: y, until: 2026-12-31, team: ops}]"},
    ),
    Breach(
        "unknown-environment",
        {
            "in: fleet": "waivers:\n  - rule: over-agent-budget\n    reason: x\n    owner: y\n    until: 2026-12-31\n"
            "    agent: helper\n    environment: test  # E: unknown-environment"
        },
        "waivers.0.environment: 'test' is not known; expected 'dev' or 'prod'",
        {
            "in: fleet": "waivers:\n  - rule: over-agent-budget\n    reason: x\n    owner: y\n    until: 2026-12-31\n"
            "    agent: helper\n    environment: dev"
        },
    ),
    # When
    Breach(
        "bad-schedule",
        {"jobs:": "jobs: {scan: {schedule: 0 24 * * *}}  # E: bad-schedule"},
        "agents.other.jobs.scan.schedule: hour '24' is not between 0 and 23",
        {"jobs:": "jobs: {scan: {schedule: 0 23 * * *}}"},
    ),
    Breach(
        "bad-schedule",
        {"jobs:": "jobs: {scan: {schedule: 0 2 * *}}  # E: bad-schedule"},
        "agents.other.jobs.scan.schedule: 4 fields instead of five; "
        "write five fields: minute, hour, day of month, month, day of week",
        {"jobs:": "jobs: {scan: {schedule: 0 2 * * *}}"},
    ),
    Breach(
        "bad-schedule",
        {"prod:": "prod: {freezes: [{schedule: 0 0 0 * *, duration: 1h, reason: x}]}  # E: bad-schedule"},
        "environments.prod.freezes.0.schedule: day of month '0' is not between 1 and 31; "
        "write five fields: minute, hour, day of month, month, day of week",
        {"prod:": "prod: {freezes: [{schedule: 0 0 1 * *, duration: 1h, reason: x}]}"},
    ),
    Breach(
        "unknown-time-zone",
        {"jobs:": "jobs: {scan: {schedule: 0 2 * * *, timeZone: Europe/Zurch}}  # E: unknown-time-zone"},
        "agents.other.jobs.scan.timeZone: 'Europe/Zurch' is not in the IANA time zone database; "
        "write it like Europe/Zurich or Etc/UTC",
        {"jobs:": "jobs: {scan: {schedule: 0 2 * * *, timeZone: Europe/Zurich}}"},
    ),
    Breach(
        "unknown-time-zone",
        {"in: fleet": "defaults: {job: {timeZone: Europe}}  # E: unknown-time-zone"},
        "defaults.job.timeZone: 'Europe' is not in the IANA time zone database; write it like Europe/Zurich or Etc/UTC",
        {"in: fleet": "defaults: {job: {timeZone: UTC}}"},
    ),
    Breach(
        "unknown-time-zone",
        {
            "prod:": "prod: {freezes: [{schedule: 0 0 * * 1, duration: 1h,reason: x, timeZone: A}]} "
            "# E: unknown-time-zone"
        },
        "environments.prod.freezes.0.timeZone: 'A' is not in the IANA time zone database; "
        "write it like Europe/Zurich or Etc/UTC",
        {"prod:": "prod: {freezes: [{schedule: 0 0 1 * *, duration: 1h, reason: x, timeZone: Etc/UTC}]}"},
    ),
    Breach(
        "unknown-time-zone",
        {"in: fleet": "defaults: {job: {timeZone: localtime}}  # E: unknown-time-zone"},
        "defaults.job.timeZone: 'localtime' is not in the IANA time zone database; "
        "write it like Europe/Zurich or Etc/UTC",
        {"in: fleet": "defaults: {job: {timeZone: Etc/GMT-14}}"},
    ),
    Breach(
        "deadline-too-short",
        {"jobs:": "jobs: {scan: {schedule: 0 2 * * *, deadline: 59m}}  # E: deadline-too-short"},
        "agents.other.jobs.scan.deadline: is expected to take 3600 s but stopped after 3540 s; "
        "raise `deadline` or lower `duration`",
        {"jobs:": "jobs: {scan: {schedule: 0 2 * * *, deadline: 60m}}"},
    ),
    Breach(
        "deadline-too-short",
        {"in: fleet": "defaults: {job: {duration: 5h}}  # E: deadline-too-short"},
        "defaults.job.duration: is expected to take 18000 s but stopped after 14400 s; "
        "raise `deadline` or lower `duration`",
        {"in: fleet": "defaults: {job: {duration: 4h}}"},
    ),
    Breach(
        "deadline-too-short",
        {"jobs:": "jobs: {scan: {schedule: 0 2 * * *, startingDeadline: 9s}}  # E: deadline-too-short"},
        "agents.other.jobs.scan.startingDeadline: Kubernetes looks every 10 s and would miss a start within 9 s; "
        "allow 10s or more",
        {"jobs:": "jobs: {scan: {schedule: 0 2 * * *, startingDeadline: 10s}}"},
    ),
    # What an agent runs
    Breach(
        "runs-nothing",
        {"service: {}": "", "helper:": "helper:  # E: runs-nothing"},
        "agents.helper: runs neither a service nor a job in dev; add `service: {}` or a job",
        {"service: {}": "environments: {dev: {service: {}}, prod: {enabled: false}}"},
    ),
    Breach(
        "runs-nothing",
        {"jobs:": "jobs: {}", "other:": "other:  # E: runs-nothing"},
        "agents.other: runs neither a service nor a job in dev; add `service: {}` or a job",
        {"jobs:": "service: {}"},
    ),
    Breach(
        "request-above-limit",
        {"in: helper": "resources: {requests: {cpu: 1001m}}  # E: request-above-limit"},
        "agents.helper.resources.requests.cpu: requests 1001m of cpu, more than its limit of 1; "
        "lower the request or raise the limit",
        {"in: helper": "resources: {requests: {cpu: 1000m}}"},
    ),
    Breach(
        "request-above-limit",
        {"in: helper": "environments:\n  dev: {resources: {limits: {memory: 255Mi}}}  # E: request-above-limit"},
        "agents.helper.environments.dev.resources.limits.memory: requests 256Mi of memory in dev, more than "
        "its limit of "
        "255Mi; lower the request or raise the limit",
        {"in: helper": "environments:\n  dev: {resources: {limits: {memory: 256Mi}}}"},
    ),
    Breach(
        "request-above-limit",
        {"jobs:": "jobs: {scan: {schedule: 0 2 * * *, resources: {requests: {cpu: 2}}}}  # E: request-above-limit"},
        "agents.other.jobs.scan.resources.requests.cpu: requests 2 of cpu, more than its limit of 1; "
        "lower the request or raise the limit",
        {"jobs:": "jobs: {scan: {schedule: 0 2 * * *, resources: {requests: {cpu: 2}, limits: {cpu: 2}}}}"},
    ),
    Breach(
        "replicas-out-of-order",
        {"service: {}": "service: {replicas: {min: 2}}  # E: replicas-out-of-order"},
        "agents.helper.service.replicas: the fewest replicas, 2, are more than the most, 1; raise max or lower min",
        {"service: {}": "service: {replicas: {min: 2, max: 2}}"},
    ),
    Breach(
        "rollout-stuck",
        {"in: helper": "rollout: {maxSurge: 0}  # E: rollout-stuck"},
        "agents.helper.rollout: with neither surge nor unavailable pods no rollout could ever start; set one "
        "of them to 1",
        {"in: helper": "rollout: {maxSurge: 0, maxUnavailable: 1}", "in: other": "rollout: {maxSurge: 0}"},
    ),
    Breach(
        "volume-cannot-attach",
        {
            "service: {}": "service: {replicas: {max: 2}}",
            "in: helper": "volumes: {data: {size: 1Gi, path: /data}}  # E: volume-cannot-attach",
        },
        "agents.helper.volumes.data: is for one pod, but 2 replicas would use it; "
        "add `shared: true`, or keep one replica and no job",
        {"in: helper": "volumes: {data: {size: 1Gi, path: /data}}"},
    ),
    Breach(
        "volume-cannot-attach",
        {
            "in: helper": "jobs: {tidy: {schedule: 0 2 * * *}}\n"
            "volumes: {data: {size: 1Gi, path: /data}}  # E: volume-cannot-attach",
        },
        "agents.helper.volumes.data: is for one pod, but 1 replica and the job tidy would use it; "
        "add `shared: true`, or keep one replica and no job",
        {"in: other": "volumes: {data: {size: 1Gi, path: /data}}"},
    ),
    Breach(
        "mount-conflict",
        {"in: helper": "volumes: {data: {size: 1Gi, path: /tmp/}}  # E: mount-conflict"},
        "agents.helper.volumes.data.path: /tmp/ is where the scratch space is; mount it elsewhere",
        {"in: helper": "volumes: {data: {size: 1Gi, path: /tmp/data}}"},
    ),
    Breach(
        "mount-conflict",
        {"in: helper": "volumes: {a: {size: 1Gi, path: /data}, b: {size: 1Gi, path: /data/}}  # E: mount-conflict"},
        "agents.helper.volumes.b.path: /data/ is where the volume a is; mount it elsewhere",
        {"in: helper": "volumes: {a: {size: 1Gi, path: /data/a}, b: {size: 1Gi, path: /data/b}}"},
    ),
    Breach(
        "mount-conflict",
        {"in: helper": "volumes: {data: {size: 1Gi, path: /}}  # E: mount-conflict"},
        "agents.helper.volumes.data.path: nothing can be mounted at /; mount it elsewhere",
        {"in: helper": "volumes: {data: {size: 1Gi, path: /.a}}"},
    ),
    *(
        Breach(
            "mount-conflict",
            {"in: helper": f"volumes: {{data: {{size: 1Gi, path: {path}}}}}  # E: mount-conflict"},
            f"agents.helper.volumes.data.path: {path} is where Kubernetes mounts the tokens of accounts, or on the way "
            "there; mount it elsewhere",
            {"in: helper": f"volumes: {{data: {{size: 1Gi, path: {fine}}}}}"},
        )
        for path, fine in (
            ("/var/run/secrets/kubernetes.io/serviceaccount", "/var/run/secret"),
            ("/var/run", "/var/lib"),
            ("/run/secrets/eks.amazonaws.com/serviceaccount", "/run/helper"),
            ("/run/", "/runs"),
        )
    ),
    Breach(
        "privileged-port",
        {"service: {}": "service: {port: 1023}  # E: privileged-port"},
        "agents.helper.service.port: port 1023 is below 1024, where only root may listen; listen on a port "
        "such as 8080",
        {"service: {}": "service: {port: 1024}"},
    ),
    Breach(
        "privileged-port",
        {"jobs:": "jobs: {scan: {schedule: 0 2 * * *, metricsPort: 1}}  # E: privileged-port"},
        "agents.other.jobs.scan.metricsPort: port 1 is below 1024, where only root may listen; "
        "listen on a port such as 8080",
        {"jobs:": "jobs: {scan: {schedule: 0 2 * * *, metricsPort: 1024}}"},
    ),
    Breach(
        "variable-collision",
        {"in: helper": "config: {GIT_HUB: x}\nsecrets: [slack, git-hub]  # E: variable-collision"},
        "agents.helper.secrets.1: 'git-hub' becomes the variable GIT_HUB, which is already the setting GIT_HUB; "
        "rename one of them",
        {"in: helper": "config: {GITHUB: x}\nsecrets: [slack, git-hub]"},
    ),
    Breach(
        "variable-collision",
        {"in: helper": "talksTo: [cache]\nsecrets: [redis-password]  # E: variable-collision"},
        "agents.helper.secrets.0: 'redis-password' becomes the variable REDIS_PASSWORD, which is already the shared "
        "secret redis-password; rename one of them",
        {"in: helper": "talksTo: [helper]".replace("helper", "internet") + "\nsecrets: [redis-password]"},
    ),
    Breach(
        "image-outside-registry",
        {
            "in: fleet": "registry: ghcr.io/example",
            "image: ghcr.io/example/other": "image: ghcr.io/examples/other:1  # E: image-outside-registry",
        },
        "agents.other.image: ghcr.io/examples/other:1 is not in ghcr.io/example; push it there, or change `registry`",
        {"in: fleet": "registry: ghcr.io/example"},
    ),
    Breach(
        "image-not-fixed",
        {"image: ghcr.io/example/other": "image: ghcr.io/example/other:latest  # E: image-not-fixed"},
        "agents.other.image: the tag 'latest' moves; name a version, such as :2.1.0, or a digest",
        {"image: ghcr.io/example/other": f"image: ghcr.io/example/other:latest@sha256:{'0' * 64}"},
    ),
    Breach(
        "image-not-fixed",
        {"image: ghcr.io/example/other": "image: localhost:5000/other  # E: image-not-fixed"},
        "agents.other.image: has neither tag nor digest; name a version, such as :2.1.0, or a digest",
        {"image: ghcr.io/example/other": "image: localhost:5000/other:later"},
    ),
]
