"""How many examples a property is tried with: a share of what the chosen profile allows."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# A busy machine fails no test; fixtures that only give a place for folders may serve every example.
_PATIENT = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture)
_EXAMPLES = {"quick": 10, "ci": 100, "nightly": 2_000}


def register_profiles() -> None:
    """Make the profiles known to hypothesis; `ci` tries the same examples every time it runs."""
    for name, examples in _EXAMPLES.items():
        settings.register_profile(
            name,
            max_examples=examples,
            deadline=None,
            derandomize=name == "ci",
            print_blob=True,
            suppress_health_check=_PATIENT,
        )


def effort(share: float, steps: int | None = None) -> settings:
    """Settings with `share` of the profile's examples, for a property that is slower or quicker than most.

    Args:
        share: 0.4 tries 40 examples where the profile tries 100.
        steps: how many steps a state machine takes at most.
    """
    chosen = settings(max_examples=max(1, round(settings.default.max_examples * share)))
    return chosen if steps is None else settings(chosen, stateful_step_count=steps)
