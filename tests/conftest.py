"""Settings of all tests: Hypothesis judges what is right, never how fast a shared machine is."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("bridge", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("bridge")
