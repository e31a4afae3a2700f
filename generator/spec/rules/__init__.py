"""What a spec of sound shape may still not mean. One function and one ID each; a new rule is a function and a line.

Rules judge resolved agents, so that a fault which only an environment brings about is found too.
"""

from collections.abc import Callable, Iterator

from generator.model import Fleet
from generator.problems import Place, Problem
from generator.spec.reader import Document
from generator.spec.rules import access, acknowledgements, naming, network, platform, schedules, waivers, workloads
from generator.spec.rules.case import Case, cases

AGENT_RULES: tuple[Callable[[Case], Iterator[Problem]], ...] = (
    naming.name_too_long,
    naming.generated_name,
    workloads.runs_nothing,
    workloads.missing_key,
    workloads.request_above_limit,
    workloads.replicas_out_of_order,
    workloads.rollout_stuck,
    workloads.volume_cannot_attach,
    workloads.mount_conflict,
    workloads.privileged_port,
    workloads.out_of_range,
    workloads.variable_collision,
    workloads.image_outside_registry,
    workloads.image_not_fixed,
    schedules.bad_schedule,
    schedules.unknown_time_zone,
    schedules.deadline_too_short,
    network.destination_without_service,
    network.api_server_unknown,
    access.permissions_without_access,
    access.unknown_resource,
    access.verb_without_name,
    network.domain_missing,
    platform.field_too_new,
    platform.identity_without_cloud,
    platform.storage_class_missing,
    platform.ingress_unserved,
)
FLEET_RULES: tuple[Callable[[Fleet, Document], Iterator[Problem]], ...] = (
    naming.reserved_name,
    naming.name_collision,
    naming.reserved_label,
    schedules.bad_freeze,
    network.bad_address_range,
    network.too_wide,
    network.host_inside,
    access.operate_released,
    platform.store_unreadable,
    platform.store_fetches_once,
    platform.store_identity_shared,
    platform.key_refused,
    platform.fake_secrets_released,
    waivers.bad_date,
    waivers.waiver_of_another,
    acknowledgements.bad_change,
)


def check(fleet: Fleet, document: Document) -> set[Problem]:
    """Every breach of a rule, once, however many environments it shows in."""
    # What is wrong as such shows again in each environment, with other numbers: once is enough.
    first: dict[tuple[Place, str], Problem] = {}
    for rule in FLEET_RULES:
        for problem in rule(fleet, document):
            first.setdefault((problem.where, problem.rule), problem)
    problems = set(first.values())
    said = set(first)
    for case in cases(fleet, document):
        found = [problem for rule in AGENT_RULES for problem in rule(case) if (problem.where, problem.rule) not in said]
        said.update((problem.where, problem.rule) for problem in found)
        problems.update(found)
    return problems
