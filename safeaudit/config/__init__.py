"""The settings: frozen, checked as they are read, with a suggestion for every unknown key."""

from __future__ import annotations

from safeaudit.config.audits import (
    COUNT,
    FIELDS,
    MAX_GROUP,
    NOTHING,
    SPREAD,
    TO_DISCUSS,
    AuditSettings,
    RemoteSettings,
)
from safeaudit.config.city import CitySettings, slugify
from safeaudit.config.evidence import EvidenceSettings, LightingClass, RasterSettings
from safeaudit.config.forgotten import FORGOTTEN_NAME, Forgotten, hash_name, write_forgotten
from safeaudit.config.groups import NO_GROUPS, OwnGroup, answer_code
from safeaudit.config.places import AreaSettings, FeatureSettings, LayerSettings, PlacesSettings
from safeaudit.config.priorities import MeasureSettings, PrioritySettings
from safeaudit.config.project import FILE_NAME, KEY_NAME, AuditConfig, config_from_dict, load_config, read_toml
from safeaudit.config.scoring import (
    CheckSettings,
    FaultRule,
    FaultSettings,
    MatchSettings,
    OwnIndicator,
    PrivateSettings,
    PublishSettings,
    RubricSettings,
    ScoreSettings,
)

__all__ = [
    "COUNT",
    "FIELDS",
    "FILE_NAME",
    "FORGOTTEN_NAME",
    "KEY_NAME",
    "MAX_GROUP",
    "NOTHING",
    "NO_GROUPS",
    "SPREAD",
    "TO_DISCUSS",
    "AreaSettings",
    "AuditConfig",
    "AuditSettings",
    "CheckSettings",
    "CitySettings",
    "EvidenceSettings",
    "FaultRule",
    "FaultSettings",
    "FeatureSettings",
    "Forgotten",
    "LayerSettings",
    "LightingClass",
    "MatchSettings",
    "MeasureSettings",
    "OwnGroup",
    "OwnIndicator",
    "PlacesSettings",
    "PrioritySettings",
    "PrivateSettings",
    "PublishSettings",
    "RasterSettings",
    "RemoteSettings",
    "RubricSettings",
    "ScoreSettings",
    "answer_code",
    "config_from_dict",
    "hash_name",
    "load_config",
    "read_toml",
    "slugify",
    "write_forgotten",
]
