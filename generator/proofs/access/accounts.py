"""Whom the pods run as: each as its agent's own account, with a token exactly where the agent has permissions."""

from collections.abc import Iterator

from generator.proofs.access.case import Case, Workload, mounts_token
from generator.proofs.findings import Breach


def breaches(case: Case) -> Iterator[Breach]:
    for workload in case.workloads:
        yield from _of_account(case, workload) or _of_token(case, workload)


def _of_account(case: Case, workload: Workload) -> list[Breach]:
    account, paths = workload.account, case.paths(workload.owner, "permissions")
    message = f"{workload} runs as the ServiceAccount {account.name}, which "
    if account not in case.accounts:
        message += "nothing makes"
        return [Breach(rule="account-missing", paths=paths, message=message, hint="give it one of its own")]
    if workload.owner not in case.agents or account.name != workload.owner:
        message += f"is not that of {workload.owner}" if workload.owner in case.agents else "is for no pod"
        hint = "an account's rights and cloud identity are for its own agent: run it as that"
        return [Breach(rule="foreign-account", paths=paths, message=message, hint=hint)]
    return []


def _of_token(case: Case, workload: Workload) -> list[Breach]:
    account, paths = workload.account, case.paths(workload.owner, "permissions")
    may, mounts = bool(case.rules(account)), mounts_token(workload, case.accounts)
    if mounts and not may:
        message = f"{workload} mounts the token of {account.name}, which may do nothing"
        hint = "set automountServiceAccountToken to false, and project no token but a cloud's"
        return [Breach(rule="token-mounted", paths=paths, message=message, hint=hint)]
    if may and not mounts:
        message = f"{workload} mounts no token, and {account.name} has permissions"
        hint = "set automountServiceAccountToken to true, and mount nothing else in the token's place"
        return [Breach(rule="token-mounted", paths=paths, message=message, hint=hint)]
    return []
