"""Reads revisions with git: which commit a name means, which files it holds, what a merge would make of two of them.

Never writes into the repository: no checkout, no ref, no index. Objects that do not exist yet (the files on the disk as
a commit, a merge) are put into a temporary folder, which borrows the repository's own.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from generator.checks.tools import TIMEOUT
from generator.problems import ExitCode, Place, Problem, Stop, did_you_mean

OUTCOME = "nothing was planned"
TRAILER = "Kustodian-Acknowledge"

# What a person's or a CI's set-up may say; every other GIT_ variable (a hook's, above all) would lead git astray.
_KEPT = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM", "GIT_CEILING_DIRECTORIES")
_KEPT_PREFIXES = ("GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")
_NOBODY = {f"GIT_{who}_{what}": "kustodian@localhost" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
_SETTINGS = (
    *("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false"),
    *("-c", "advice.addEmbeddedRepo=false", "-c", "core.safecrlf=false", "-c", "gc.auto=0"),
    *("-c", "commit.gpgSign=false", "-c", "protocol.allow=never"),  # a partial clone would fetch
)
_FILE = {"100644", "100755"}
_KINDS = {"120000": "a symbolic link", "160000": "a submodule"}


@dataclass(frozen=True, kw_only=True)
class Revision:
    """A tree that can be read: how a person calls it, the commit it comes from, and git's name of the tree."""

    name: str
    commit: str | None  # None: the files on the disk
    tree: str


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The files of a revision below the project's folder, each with git's hash of it; what is no file is left out."""

    files: Mapping[str, str]
    left_out: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A git repository, asked from a folder in it. Opened by `opened`, whose temporary folder holds new objects."""

    program: str
    top: Path
    prefix: str  # of the project's folder in the repository: "" or "gitops/"
    scratch: Path
    environment: Mapping[str, str]
    hash_name: Literal["sha1", "sha256"]

    def commit(self, name: str) -> str:
        """The full name of a commit. Raises Stop where nothing has that name."""
        answer = self._try("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if not name or answer.returncode:
            raise _stop(
                Place(_shown(name) or "--from"), "unknown-revision", "git knows no such commit", self._known(name)
            )
        return _text(answer.stdout).strip()

    def revision(self, name: str) -> Revision:
        """The files of a commit. Raises Stop where nothing has that name."""
        commit = self.commit(name)
        return Revision(name=_shown(name), commit=commit, tree=self._ask("rev-parse", f"{commit}^{{tree}}"))

    def worktree(self, paths: Sequence[str]) -> Revision:
        """The files on the disk, as `git add` would take them: those at and below `paths`, seen from the top."""
        index = self.scratch / "index"
        found = Path(self._ask("rev-parse", "--path-format=absolute", "--git-path", "index"))
        if found.is_file():
            shutil.copy2(found, index)  # with its time, by which git sees what changed since
        extra = {"GIT_INDEX_FILE": str(index)}
        if not found.is_file() or self._try("write-tree", extra=extra).returncode:  # in the middle of a merge
            index.unlink(missing_ok=True)
            self._ask("read-tree", "HEAD", extra=extra)
        known = self._ask("ls-files", "-z", "--full-name", "--", *map(_literal, paths), extra=extra).split("\0")
        there = [
            path
            for path in paths
            if os.path.lexists(self.top / path) or any(name == path or name.startswith(f"{path}/") for name in known)
        ]
        if there:
            self._ask("add", "--all", "--sparse", "--", *map(_literal, there), extra=extra)
        return Revision(name="the worktree", commit=None, tree=self._ask("write-tree", extra=extra))

    def merged(self, before: Revision, after: Revision) -> Revision | None:
        """What merging `after` into `before` makes; None where `after` holds all of `before` already. Raises Stop."""
        assert before.commit
        tip = after.commit or self.commit("HEAD")
        ancestor = self._try("merge-base", "--is-ancestor", before.commit, tip)
        if ancestor.returncode == 0:
            return None
        if self._try("merge-base", before.commit, tip).returncode:
            message = f"{before.name} and {after.name} have no commit in common"
            raise _stop(Place(before.name), "no-merge-base", message, self._deeper("name another commit"))
        commit = after.commit or self._ask("commit-tree", after.tree, "-p", tip, "-m", "-", extra=_NOBODY)
        answer = self._try(
            "merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", before.commit, commit, extra=_NOBODY
        )
        tree, *conflicts = _text(answer.stdout).split("\0")
        if answer.returncode == 1 and conflicts:
            raise Stop(self._conflicts(conflicts, before, after), ExitCode.FAILED, OUTCOME)
        if answer.returncode:
            if b"usage: git merge-tree" in answer.stderr:
                raise _stop(
                    Place("git"),
                    "tool-missing",
                    f"git 2.38 or newer is needed to judge a merge; {self.program} is {self._ask('version')}",
                    "install a newer git, or bring the branch up to date first",
                    ExitCode.TOOL_MISSING,
                )
            raise self._failed("merge-tree", answer)
        return Revision(name=f"{after.name} merged into {before.name}", commit=None, tree=tree)

    def files(self, revision: Revision, paths: Sequence[str]) -> Listing:
        """The files at and below `paths`, which are seen from the project's folder, as are the answers."""
        full = [self.prefix + path for path in paths]
        listed = self._ask("--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", revision.tree, "--", *full)
        files, left_out = {}, []
        for line in filter(None, listed.split("\0")):
            about, _, name = line.partition("\t")
            mode, _, digest = about.split()
            path = _shown(name.removeprefix(self.prefix))
            if mode in _FILE:
                files[path] = digest
            else:
                left_out.append(f"{path} is {_KINDS.get(mode, 'no file')}")
        return Listing(files=files, left_out=tuple(left_out))

    def content(self, revision: Revision, path: str) -> bytes | None:
        """The bytes of one file, seen from the top; None where there is none."""
        answer = self._try("cat-file", "blob", f"{revision.tree}:{path}")
        return None if answer.returncode else answer.stdout

    def contents(self, digests: Sequence[str]) -> Iterator[bytes]:
        """The bytes of each file, in turn. Raises Stop where one is not there."""
        asked = "".join(f"{digest}\n" for digest in digests).encode()
        out = self._run("cat-file", "--batch", told=asked).stdout
        at = 0
        for digest in digests:
            end = out.find(b"\n", at)
            head = out[at:end].split() if end >= 0 else []
            if len(head) != 3:
                message = f"git does not have the object {digest}"
                raise _stop(Place("git"), "git", message, "fetch the whole history: git fetch --refetch, or clone anew")
            size = int(head[2])
            yield out[end + 1 : end + 1 + size]
            at = end + 1 + size + 1

    def trailers(self, before: Revision, after: Revision) -> tuple[str, ...]:
        """What the messages of the commits from the one to the other acknowledge, the oldest first."""
        told = self._ask(
            "log",
            "--reverse",
            "-z",
            f"--format=%(trailers:key={TRAILER},valueonly,unfold)",
            f"{before.commit}..{after.commit or 'HEAD'}",
            "--",
        )
        lines = (" ".join(line.split()) for line in _shown(told).replace("\0", "\n").split("\n"))
        return tuple(dict.fromkeys(filter(None, lines)))

    # ---------------------------------------------------------------------------------------------------------- asking

    def _ask(self, *arguments: str, extra: Mapping[str, str] | None = None) -> str:
        return _text(self._run(*arguments, extra=extra).stdout).removesuffix("\n")

    def _run(
        self, *arguments: str, told: bytes = b"", extra: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        answer = self._try(*arguments, told=told, extra=extra)
        if answer.returncode:
            raise self._failed(arguments[0], answer)
        return answer

    def _try(
        self, *arguments: str, told: bytes = b"", extra: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        return _git(self.program, arguments, self.top, {**self.environment, **(extra or {})}, told)

    def _failed(self, what: str, answer: subprocess.CompletedProcess[bytes]) -> Stop:
        return _stop(Place("git"), "git", f"git {what}: {_complaint(answer)}", "put that right")

    def _known(self, name: str) -> str:
        """What else the name may have meant."""
        told = self._try("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags")
        names = _text(told.stdout).split()
        suggestion = did_you_mean(name, names) if name else ""
        otherwise = suggestion if suggestion.startswith("did you mean") else "name a branch, a tag or a commit"
        return self._deeper(otherwise)

    def _deeper(self, otherwise: str) -> str:
        if self._ask("rev-parse", "--is-shallow-repository") == "true":
            return "this clone is shallow: run `git fetch --unshallow`, or in CI check out with `fetch-depth: 0`"
        return otherwise

    def _conflicts(self, names: Iterable[str], before: Revision, after: Revision) -> Iterator[Problem]:
        for name in sorted(set(filter(None, names))):
            message = f"{after.name} and {before.name} change it differently, so that nobody knows what a merge makes"
            hint = f"merge {before.name} and settle it, then plan again"
            yield Problem(Place(_shown(name.removeprefix(self.prefix))), "merge-conflict", message, hint)


@contextmanager
def opened(root: Path) -> Iterator[Repository]:
    """The repository that a folder is in. Raises Stop: no git (TOOL_MISSING), no repository (BAD_INPUT)."""
    program = shutil.which("git")
    if program is None:
        hint = "install it from https://git-scm.com and put it on your PATH"
        raise _stop(Place("git"), "tool-missing", "git is needed and none was found", hint, ExitCode.TOOL_MISSING)
    environment = _environment()
    asked = ("rev-parse", "--path-format=absolute", "--show-toplevel", "--git-path", "objects")
    answer = _git(program, asked, root, environment, b"") if root.is_dir() else None
    if answer is None or answer.returncode:
        why = _complaint(answer) if answer else "there is no such folder"
        where = Place(root.as_posix())
        raise _stop(where, "not-a-repository", f"no git repository can be read here: {why}", "name one with --root")
    # Not split at line ends of any sort: a folder's name may hold one.
    top, objects = _text(answer.stdout).removesuffix("\n").rsplit("\n", 1)
    told = _git(program, ("rev-parse", "--show-object-format", "--show-prefix"), root, environment, b"")
    hash_name, _, prefix = _text(told.stdout).removesuffix("\n").partition("\n")
    with tempfile.TemporaryDirectory(prefix="kustodian-") as temporary:
        scratch = Path(temporary).resolve()
        store = scratch / "objects"
        (store / "info").mkdir(parents=True)
        (store / "info" / "alternates").write_text(f"{objects}\n", encoding="utf-8", errors="surrogateescape")
        yield Repository(
            program=program,
            top=Path(top),
            prefix=prefix,
            scratch=scratch,
            environment={**environment, "GIT_OBJECT_DIRECTORY": str(store)},
            hash_name="sha256" if hash_name == "sha256" else "sha1",
        )


def _environment() -> dict[str, str]:
    mine = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name in _KEPT or name.startswith(_KEPT_PREFIXES)
    }
    no_writing = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}
    return {**mine, **no_writing, "LC_ALL": "C"}


def _git(
    program: str, arguments: Sequence[str], cwd: Path, environment: Mapping[str, str], told: bytes
) -> subprocess.CompletedProcess[bytes]:
    command = [program, *_SETTINGS, *arguments]
    try:
        return subprocess.run(
            command, cwd=cwd, env=environment, input=told, capture_output=True, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, -1, b"", f"gave no answer within {TIMEOUT:g} seconds".encode())
    except (OSError, ValueError) as error:  # ValueError: a null character in an argument
        return subprocess.CompletedProcess(command, -1, b"", f"could not be started: {error}".encode())


def _literal(path: str) -> str:
    return f":(top,literal){path}"


def _text(out: bytes) -> str:
    return out.decode(errors="surrogateescape")


def _shown(name: str) -> str:
    """A file's name, which may be any bytes, as text that can be printed."""
    return name.encode(errors="surrogateescape").decode(errors="backslashreplace")


def _complaint(answer: subprocess.CompletedProcess[bytes]) -> str:
    lines = answer.stderr.decode(errors="backslashreplace").strip().splitlines()
    worst = [line for line in lines if line.startswith(("fatal: ", "error: "))] or lines
    return worst[-1].partition(": ")[2] or worst[-1] if worst else f"exit code {answer.returncode}"


def _stop(where: Place, rule: str, message: str, hint: str, code: ExitCode = ExitCode.BAD_INPUT) -> Stop:
    return Stop([Problem(where, rule, message, hint)], code, OUTCOME)
