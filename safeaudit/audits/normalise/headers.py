"""How headers are written: the conventions of Kobo, ODK, Esri, SurveyCTO, Epicollect5 and plain tables, as data."""

from __future__ import annotations

UPLOAD_TIMES = (
    "submission_time",
    "submissiondate",
    "submission_date",
    "creationdate",
    "created_at",
    "createdat",
    "uploaded_at",
)
"""Headers of the time a form was sent, which is not when the place was seen."""

NAMES = {
    "accuracy_m": "accuracy_m accuracy precision gps_accuracy gps_precision horizontal_accuracy esrignss_h_rms",
    "observed_at": "start starttime start_time observed_at timestamp datetime date_time time date today day end "
    "endtime end_time " + " ".join(UPLOAD_TIMES),
    "submission_id": "uuid instanceid meta_instanceid key globalid submission_id ec5_uuid ec5_branch_uuid",
    "walk_id": "walk_id walk walk_number walk_no outing",
    "campaign": "campaign round phase",
    "auditor": "auditor auditor_id auditor_name enumerator enumerator_id surveyor interviewer submitted_by "
    "submitterid submittername username creator",
    "device": "deviceid device_id imei",
    "auditor_sex": "auditor_sex auditor_gender sex gender",
    "auditor_age": "auditor_age age age_group age_band",
    "auditor_disability": "auditor_disability disability",
    "auditor_role": "auditor_role role",
    "group_size": "group_size size_of_group people_in_group number_of_auditors",
    "group_women": "group_women women number_of_women",
    "group_men": "group_men men number_of_men",
    "group_other": "group_other",
    "consent": "consent",
    "guardian_consent": "guardian_consent",
    "review": "validation_status reviewstate review_state review_status",
    "place_code": "place_code segment_code",
    "street": "street street_name",
    "day_or_dark": "day_or_dark day_or_night",
    "lux": "lux illuminance",
    "note": "note notes comment comments remark remarks observation observations",
}
INDICATOR_NAMES = {
    "lighting": "light lights street_light street_lights street_lighting streetlight streetlights streetlighting",
    "openness": "open",
    "visibility": "visible eyes eyes_on_the_street",
    "people": "crowd people_around footfall",
    "security": "guards police police_or_guards",
    "walk_path": "walkpath walking_path walkway footpath foot_path sidewalk pavement path",
    "public_transport": "publictransport transport public_transit transit",
    "gender_usage": "genderusage gender_use gender_diversity",
    "feeling": "feelings feel feeling_of_safety",
}
KOBO_OWN = {"_notes", "_status", "_tags", "_index", "_id"}
"""Columns that Kobo adds for the office, which an auditor never fills in."""
