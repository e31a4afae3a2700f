"""What ExternalSecrets fetch in an environment, who reads it, and what of that is wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator import names
from generator.compiled import Compiled
from generator.model import Environment
from generator.proofs import references
from generator.proofs.breaches import Breach
from generator.proofs.evidence import Manifest
from generator.proofs.finding import Path, of_agent
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
class _Fetch:
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
class _Reader:
    """A workload and the Secrets that it uses."""

    owner: str
    manifest: Manifest
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
    stores: Mapping[tuple[str, str], Store]
    externals: tuple[tuple[str, Manifest], ...]
    fetches: tuple[_Fetch, ...]
    readers: tuple[_Reader, ...]
    uses: Mapping[str, list[tuple[_Reader, SecretUse]]]  # by Secret
    in_repository: tuple[tuple[str, Manifest], ...]

    @classmethod
    def of(cls, environment: Environment, compiled: Compiled) -> "Case":
        externals = tuple(compiled.of_kind("ExternalSecret"))
        readers = tuple(
            _Reader(owner=owner, manifest=manifest, uses=tuple(references.secrets(template["spec"])))
            for owner, manifest in compiled.of_kind(*references.WORKLOADS)
            if (template := references.template_of(manifest))
        )
        uses: dict[str, list[tuple[_Reader, SecretUse]]] = {}
        for reader in readers:
            for use in reader.uses:
                uses.setdefault(use.secret, []).append((reader, use))
        stores = (_store(manifest) for _, manifest in compiled.of_kind("SecretStore", "ClusterSecretStore"))
        return cls(
            name=compiled.environment,
            namespace=compiled.namespace,
            environment=environment,
            stores={(store.kind, store.name): store for store in stores},
            externals=externals,
            fetches=tuple(fetch for owner, manifest in externals for fetch in _fetches(owner, manifest)),
            readers=readers,
            uses=uses,
            in_repository=tuple(compiled.of_kind("Secret")),
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

    def readers_of(self, fetch: _Fetch) -> list[tuple[_Reader, SecretUse]]:
        return [(reader, use) for reader, use in self.uses.get(fetch.secret, ()) if use.key in (None, fetch.secret_key)]

    # ---------------------------------------------------------------------------------------------------- the breaches

    def breaches(self, roots: Mapping[str, str]) -> Iterator[Breach]:
        yield from self._missing()
        yield from self._unused()
        yield from self._stale()
        yield from self._stores()
        yield from self._misplaced(roots)
        yield from self._owned_twice()
        for owner, manifest in self.in_repository:
            if manifest.get("data") or manifest.get("stringData"):
                message = f"Secret {manifest['metadata']['name']} stands in the repository with its values"
                yield Breach(
                    rule="secret-in-repository",
                    paths=self._paths(owner),
                    message=message,
                    hint="let an ExternalSecret fetch it",
                )

    def _missing(self) -> Iterator[Breach]:
        made: dict[str, set[str]] = {}
        for fetch in self.fetches:
            made.setdefault(fetch.secret, set()).add(fetch.secret_key)
        for _, manifest in self.in_repository:
            keys = {*manifest.get("data", ()), *manifest.get("stringData", ())}
            made.setdefault(manifest["metadata"]["name"], set()).update(keys)
        by_people = {agent.image_pull_secret for agent in self.environment.agents}
        for reader in self.readers:
            for use in reader.uses:
                if use.optional or (use.form == "image" and use.secret in by_people):
                    continue
                if use.secret not in made:
                    message = (
                        f"{reader.what} reads the Secret {use.secret} ({use.form} {use.name}), which nothing makes"
                    )
                elif use.key and use.key not in made[use.secret]:
                    message = (
                        f"{reader.what} reads {use.key} of the Secret {use.secret} ({use.form} {use.name}), "
                        "and nothing puts that there"
                    )
                else:
                    continue
                yield Breach(
                    rule="secret-missing",
                    paths=self._paths(reader.owner),
                    message=message,
                    hint="fetch it by an ExternalSecret",
                )

    def _unused(self) -> Iterator[Breach]:
        """What the namespace shares is there for whoever comes, so nobody need read it."""
        for fetch in self.fetches:
            if fetch.owner != names.NAMESPACE_FOLDER and not self.readers_of(fetch):
                message = f"{fetch.made_by} fetches {fetch.key}, and no pod reads it"
                yield Breach(
                    rule="secret-unused",
                    paths=self._paths(fetch.owner),
                    message=message,
                    hint="take it out of `secrets`",
                )

    def _stale(self) -> Iterator[Breach]:
        for reader in self.readers:
            paths = self._paths(reader.owner)
            stale = dict.fromkeys(use.secret for use in reader.uses if reader.on_rotation(use) == "nothing")
            for secret in stale:
                message = f"{reader.what} does not see a new value of the Secret {secret}: nothing restarts it"
                yield Breach(
                    rule="rotation-ignored",
                    paths=paths,
                    message=message,
                    hint=f"name the Secret in its annotation {RELOAD}",
                )
            for secret in dict.fromkeys(reader.reloads):
                if secret not in {use.secret for use in reader.uses}:
                    message = f"{reader.what} is restarted for the Secret {secret}, which it does not read"
                    yield Breach(
                        rule="needless-restart",
                        paths=paths,
                        message=message,
                        hint=f"take it out of its annotation {RELOAD}",
                    )

    def _stores(self) -> Iterator[Breach]:
        for _, manifest in self.externals:
            kind, name = _store_of(manifest)
            store = self.stores.get((kind, name))
            what = f"ExternalSecret {manifest['metadata']['name']}"
            if not store:
                message = f"{what} takes its values from the {kind} {name}, which nothing makes"
            elif store.namespace and store.namespace != manifest["metadata"]["namespace"]:
                message = f"{what} takes its values from the {kind} {name}, which is in {store.namespace}"
            else:
                continue
            yield Breach(
                rule="store-missing", paths=self._store_paths(), message=message, hint="name the namespace's own store"
            )

    def _misplaced(self, roots: Mapping[str, str]) -> Iterator[Breach]:
        prefixes = {agent.name: agent.secrets.prefix for agent in self.environment.agents}
        prefixes[names.NAMESPACE_FOLDER] = self.environment.namespace.shared_secrets.prefix
        for fetch in self.fetches:
            others = [name for name, root in roots.items() if name != self.name and fetch.key.startswith(root)]
            paths, what = self._paths(fetch.owner), f"{fetch.made_by} fetches {fetch.key}"
            if others:
                message = f"{what}, a secret of {others[0]}"
                yield Breach(
                    rule="secret-of-another-environment",
                    paths=paths,
                    message=message,
                    hint="give each environment values of its own",
                )
            elif fetch.owner in prefixes and not fetch.key.startswith(prefixes[fetch.owner]):
                message = f"{what}, which is not below {prefixes[fetch.owner]}"
                yield Breach(
                    rule="secret-of-another-agent",
                    paths=paths,
                    message=message,
                    hint="give each agent values of its own",
                )

    def _owned_twice(self) -> Iterator[Breach]:
        owners: dict[str, str] = {}
        for owner, manifest in self.externals:
            target, name = _target(manifest), manifest["metadata"]["name"]
            first = owners.setdefault(target, name)
            if first != name and manifest["spec"].get("target", {}).get("creationPolicy", "Owner") == "Owner":
                message = f"ExternalSecret {name} owns the Secret {target}, as does ExternalSecret {first}"
                yield Breach(
                    rule="secret-owned-twice",
                    paths=self._paths(owner),
                    message=message,
                    hint="give each a Secret of its own",
                )

    def _paths(self, owner: str) -> tuple[Path, ...]:
        if owner == names.NAMESPACE_FOLDER:
            return ("secretStore", "shared"), *self._store_paths()
        return of_agent(owner, self.name, "secrets")

    def _store_paths(self) -> tuple[Path, ...]:
        return ("environments", self.name, "secretStore"), ("secretStore",)


# -------------------------------------------------------------------------------------------------------------- reading


def root_of(environment: Environment) -> str:
    """Where an environment's keys begin: what agents share is right below it."""
    prefix = environment.namespace.shared_secrets.prefix
    return prefix[: prefix.rindex(names.SHARED_SECRET)]


def _store_of(manifest: Manifest) -> tuple[str, str]:
    reference = manifest["spec"]["secretStoreRef"]
    return reference.get("kind", "SecretStore"), reference["name"]


def _target(manifest: Manifest) -> str:
    return str(manifest["spec"].get("target", {}).get("name", manifest["metadata"]["name"]))


def _fetches(owner: str, manifest: Manifest) -> Iterator[_Fetch]:
    for entry in manifest["spec"].get("data", ()):
        yield _Fetch(
            owner=owner,
            made_by=f"ExternalSecret {manifest['metadata']['name']}",
            store=_store_of(manifest),
            key=entry["remoteRef"]["key"],
            property=entry["remoteRef"].get("property"),
            secret=_target(manifest),
            secret_key=entry["secretKey"],
            refresh_interval=manifest["spec"].get("refreshInterval", "1h0m0s"),
        )


def _store(manifest: Manifest) -> Store:
    ((provider, settings),) = manifest["spec"]["provider"].items()
    return Store(
        kind=manifest["kind"],
        name=manifest["metadata"]["name"],
        namespace=manifest["metadata"].get("namespace"),
        provider=provider,
        settings={key: value for key, value in settings.items() if isinstance(value, str)},
    )
