"""Who may reach whom: what is declared must be able to work."""

from collections.abc import Iterator

from generator.model import ToKubernetesApi
from generator.problems import Problem
from generator.spec.rules.case import Case


def destination_without_service(case: Case) -> Iterator[Problem]:
    """An agent can only be talked to where it runs a service."""
    if not case.environment:
        return
    agents = {agent.name for agent in case.fleet.base_agents}
    serving = {agent.name for agent in case.environment.agents if agent.service}
    written = case.document.values["agents"][case.agent.name]
    own = written.get("environments", {}).get(case.environment.name, {})
    for index, target in enumerate(own.get("talksTo", written.get("talksTo", ()))):
        if isinstance(target, str) and target in agents - serving and target != case.agent.name:
            message, hint = f"{target!r} runs no service{case.within}", "give it one, or do not talk to it there"
            yield case.problem("destination-without-service", "talksTo", index, message=message, hint=hint)


def api_server_unknown(case: Case) -> Iterator[Problem]:
    """No selector matches the API server, so a plain NetworkPolicy needs its addresses."""
    kubernetes = case.fleet.kubernetes
    if _talks_to_api(case) and not case.document.has("kubernetes", "apiServer") and not kubernetes.cilium:
        message = "names kubernetes-api, but kubernetes.apiServer lists no address range"
        hint = "list its Service's address and its endpoints' subnets there"
        yield case.problem("api-server-unknown", "talksTo", message=message, hint=hint)


def permissions_without_access(case: Case) -> Iterator[Problem]:
    if case.agent.permissions and not _talks_to_api(case):
        message, hint = "the agent may use the Kubernetes API but not reach it", "add kubernetes-api to talksTo"
        yield case.problem("permissions-without-access", "permissions", message=message, hint=hint)


def _talks_to_api(case: Case) -> bool:
    return any(isinstance(destination, ToKubernetesApi) for destination in case.agent.talks_to)


def domain_missing(case: Case) -> Iterator[Problem]:
    service = case.agent.service
    if case.environment and service and service.route and not service.route.host:
        message = f"would be exposed{case.within} under no host name"
        hint = f"add `domain` to environments.{case.environment.name}"
        yield case.problem("domain-missing", "service", "expose", message=message, hint=hint)
