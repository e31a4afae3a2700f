"""Folds the layers of the spec into one set of values for an agent, in one fixed order:

    built-in defaults < `defaults` < `tiers.<tier>` < `environments.<env>`
                      < `agents.<name>` < `agents.<name>.environments.<env>`

What each layer may hold is closed by the schema. Mappings fold key by key; lists and scalars are replaced. The built-in
defaults are those of the model. For the base there is no environment, so its two layers are not there.
"""

from typing import Any

Values = dict[str, Any]

LAYERED = ("resources", "rollout", "scheduling", "security", "config", "talksTo", "labels")
_EMPTY: Values = {}


def fold(lower: Values, upper: Values) -> Values:
    """`upper` where it says something, `lower` elsewhere."""
    if not lower or not upper:
        return upper or lower
    folded = dict(lower)
    for key, value in upper.items():
        below = folded.get(key)
        folded[key] = fold(below, value) if isinstance(value, dict) and isinstance(below, dict) else value
    return folded


def shared_layers(spec: Values, tier: str, environment: str | None) -> Values:
    """What every agent of a tier gets in an environment, before it says anything itself."""
    layers = fold(spec.get("defaults", _EMPTY), spec["tiers"].get(tier, _EMPTY))
    return fold(layers, spec["environments"].get(environment, _EMPTY) if environment else _EMPTY)


def agent_layers(agent: Values, shared: Values, environment: str | None) -> tuple[Values, Values]:
    """An agent's values without and with what it sets for this environment itself."""
    own = agent.get("environments", _EMPTY).get(environment, _EMPTY) if environment else _EMPTY
    lower = fold({key: shared[key] for key in LAYERED if key in shared}, agent)
    if "service" in agent or "service" in own:
        lower = lower | {"service": fold(shared.get("service", _EMPTY), agent.get("service", _EMPTY))}
    job_names = [
        *agent.get("jobs", _EMPTY),
        *(name for name in own.get("jobs", _EMPTY) if name not in agent.get("jobs", _EMPTY)),
    ]
    if job_names:
        job_defaults = shared.get("job", _EMPTY)
        lower = lower | {
            "jobs": {name: fold(job_defaults, agent.get("jobs", _EMPTY).get(name, _EMPTY)) for name in job_names}
        }
    return lower, own
