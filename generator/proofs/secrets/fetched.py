"""What ExternalSecrets fetch in an environment, and who reads it. It judges nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from generator import names
from generator.compiled import Compiled
from generator.model import Environment
from generator.proofs import references
from generator.proofs.evidence import Manifest
from generator.proofs.references import SecretUse

# Source: https://docs.stakater.com/reloader/1.4/reference/annotations.html
RELOAD = "secret.reloader.stakater.com/reload"
RELOAD_ALL = ("reloader.stakater.com/auto", "secret.reloader.stakater.com/auto")

# What makes a new pod for each piece of work, and so needs no restart.
RUNS = ("CronJob", "Job")


@dataclass(frozen=True, kw_only=True)
class Store:
    """Where values are kept: one SecretStore."""

    kind: str
    name: str
    namespace: str | None
    provider: str
    settings: Mapping[str, str]  # what a person needs to find it: a region, a URL, a project


@dataclass(frozen=True, kw_only=True)
class Consumer:
    """A workload that reads a key, and what a new value of it does there."""

    kind: str
    name: str
    form: str  # variable, file or image
    variable: str  # or the volume
    on_rotation: str  # restart, next run, file, next pull or nothing


@dataclass(frozen=True, kw_only=True)
class RemoteKey:
    """One remote key and what becomes of it in an environment."""

    owner: str  # an agent, or the namespace
    store: Store | None
    key: str
    property: str | None
    secret: str
    secret_key: str
    refresh_interval: str
    consumers: tuple[Consumer, ...]


@dataclass(frozen=True, kw_only=True)
class Fetch:
    """One entry of an ExternalSecret."""

    owner: str
    made_by: str
    store: tuple[str, str]  # kind and name
    key: str
    property: str | None
    secret: str
    secret_key: str
    refresh_interval: str


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A workload and the Secrets that it uses."""

    owner: str
    manifest: Manifest
    pod: Manifest
    uses: tuple[SecretUse, ...]

    @property
    def what(self) -> str:
        return f"{self.manifest['kind']} {self.manifest['metadata']['name']}"

    @property
    def annotations(self) -> Mapping[str, str]:
        found: Mapping[str, str] = self.manifest["metadata"].get("annotations", {})
        return found

    @property
    def reloads(self) -> tuple[str, ...]:
        """The Secrets for which Reloader is told to restart it."""
        return tuple(name.strip() for name in self.annotations.get(RELOAD, "").split(",") if name.strip())

    def on_rotation(self, use: SecretUse) -> str:
        if use.form == "image":
            return "next pull"
        if self.manifest["kind"] in RUNS:
            return "next run"
        if use.secret in self.reloads or any(self.annotations.get(name) == "true" for name in RELOAD_ALL):
            return "restart"
        return "file" if use.form == "file" else "nothing"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One environment: what is fetched, who reads it, and where from."""

    name: str
    namespace: str
    environment: Environment
    prefixes: Mapping[str, str]  # by owner: where its keys begin
    stores: Mapping[tuple[str, str], Store]
    store_specs: Mapping[tuple[str, str], Manifest]
    externals: tuple[tuple[str, Manifest], ...]
    fetches: tuple[Fetch, ...]
    readers: tuple[Reader, ...]
    uses: Mapping[str, list[tuple[Reader, SecretUse]]]  # by Secret
    made: Mapping[str, set[str]]  # keys by Secret
    in_repository: tuple[tuple[str, Manifest], ...]
    objects: tuple[tuple[str, Manifest], ...]

    @classmethod
    def of(cls, environment: Environment, compiled: Compiled) -> "Case":
        externals = tuple(compiled.of_kind("ExternalSecret"))
        readers = tuple(
            Reader(owner=owner, manifest=manifest, pod=pod, uses=tuple(references.secrets(pod)))
            for owner, manifest in compiled.of_kind(*references.WORKLOADS)
            if (template := references.template_of(manifest)) and (pod := template["spec"])
        )
        uses: dict[str, list[tuple[Reader, SecretUse]]] = {}
        for reader in readers:
            for use in reader.uses:
                uses.setdefault(use.secret, []).append((reader, use))
        stores = [manifest for _, manifest in compiled.of_kind("SecretStore", "ClusterSecretStore")]
        in_repository = tuple(compiled.of_kind("Secret"))
        prefixes = {agent.name: agent.secrets.prefix for agent in environment.agents}
        return cls(
            name=compiled.environment,
            namespace=compiled.namespace,
            environment=environment,
            prefixes=prefixes | {names.NAMESPACE_FOLDER: environment.namespace.shared_secrets.prefix},
            stores={(one["kind"], one["metadata"]["name"]): _store(one) for one in stores},
            store_specs={(one["kind"], one["metadata"]["name"]): one["spec"] for one in stores},
            externals=externals,
            fetches=tuple(fetch for owner, manifest in externals for fetch in _fetches(owner, manifest)),
            readers=readers,
            uses=uses,
            made=_made(compiled.namespace, externals, in_repository),
            in_repository=in_repository,
            objects=tuple((owner, one) for owner, manifests in compiled.objects.items() for one in manifests),
        )

    def keys(self) -> Iterator[RemoteKey]:
        for fetch in self.fetches:
            yield RemoteKey(
                owner=fetch.owner,
                store=self.stores.get(fetch.store),
                key=fetch.key,
                property=fetch.property,
                secret=fetch.secret,
                secret_key=fetch.secret_key,
                refresh_interval=fetch.refresh_interval,
                consumers=tuple(
                    Consumer(
                        kind=reader.manifest["kind"],
                        name=reader.manifest["metadata"]["name"],
                        form=use.form,
                        variable=use.name,
                        on_rotation=reader.on_rotation(use),
                    )
                    for reader, use in self.readers_of(fetch)
                ),
            )

    def readers_of(self, fetch: Fetch) -> list[tuple[Reader, SecretUse]]:
        return [(reader, use) for reader, use in self.uses.get(fetch.secret, ()) if use.key in (None, fetch.secret_key)]


# -------------------------------------------------------------------------------------------------------------- reading


def root_of(environment: Environment) -> str:
    """Where an environment's keys begin: what agents share is right below it."""
    prefix = environment.namespace.shared_secrets.prefix
    return prefix[: prefix.rindex(names.SHARED_SECRET)]


def store_of(manifest: Manifest) -> tuple[str, str]:
    reference = manifest["spec"]["secretStoreRef"]
    return reference.get("kind", "SecretStore"), reference["name"]


def target_of(manifest: Manifest) -> str:
    return str(manifest["spec"].get("target", {}).get("name", manifest["metadata"]["name"]))


def _fetches(owner: str, manifest: Manifest) -> Iterator[Fetch]:
    for entry in manifest["spec"].get("data", ()):
        yield Fetch(
            owner=owner,
            made_by=f"ExternalSecret {manifest['metadata']['name']}",
            store=store_of(manifest),
            key=entry["remoteRef"]["key"],
            property=entry["remoteRef"].get("property"),
            secret=target_of(manifest),
            secret_key=entry["secretKey"],
            refresh_interval=manifest["spec"].get("refreshInterval", "1h0m0s"),
        )


def _made(
    namespace: str, externals: Iterable[tuple[str, Manifest]], in_repository: Iterable[tuple[str, Manifest]]
) -> Mapping[str, set[str]]:
    """The keys of every Secret of the namespace that something makes; what is merged is merged into one of these."""
    made: dict[str, set[str]] = {}
    ordered = sorted((manifest for _, manifest in externals), key=lambda one: _policy(one) == "Merge")
    for manifest in ordered:
        if manifest["metadata"]["namespace"] == namespace:
            keys = {entry["secretKey"] for entry in manifest["spec"].get("data", ())}
            if _policy(manifest) in ("Owner", "Orphan"):
                made.setdefault(target_of(manifest), set()).update(keys)
            elif _policy(manifest) == "Merge" and target_of(manifest) in made:
                made[target_of(manifest)].update(keys)
    for _, manifest in in_repository:
        keys = {*manifest.get("data", ()), *manifest.get("stringData", ())}
        made.setdefault(manifest["metadata"]["name"], set()).update(keys)
    return made


def _policy(manifest: Manifest) -> str:
    return str(manifest["spec"].get("target", {}).get("creationPolicy", "Owner"))


def _store(manifest: Manifest) -> Store:
    provider, settings = next(iter(manifest["spec"]["provider"].items()), ("", {}))
    return Store(
        kind=manifest["kind"],
        name=manifest["metadata"]["name"],
        namespace=manifest["metadata"].get("namespace"),
        provider=provider,
        settings={key: value for key, value in settings.items() if isinstance(value, str)},
    )
