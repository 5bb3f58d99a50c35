"""What holds for every test: how hard properties are tried, and which tests are quick."""

from __future__ import annotations

import os

from hypothesis import settings

from support.effort import register_profiles

register_profiles()
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
