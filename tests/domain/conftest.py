"""How thoroughly hypothesis searches here: enough to find a broken rule, within seconds."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "licbot",
    max_examples=60,
    deadline=None,  # a busy machine is no failure
    suppress_health_check=[HealthCheck.too_slow],  # as above
)
settings.load_profile("licbot")
