-- What each forecast version asked of a plant, week by week, and what the plant answered. The strictest agreement of the plant for the therapy
-- says within how many days.
{%- set terms %}
    select site_id, therapy_code, min(response_days) as response_days, {{ all_ids('submission_ids') }} as submission_ids
    from {{ ref('int_agreements__terms') }}
    group by 1, 2
{%- endset %}
{{ answered_versions(
    ['site_id', 'therapy_code'], ref('int_versions__requests'), ref('int_versions__answers'), terms, 'requested_starts', 'actual_starts',
    also=['maximum_starts', 'agreed_starts', 'load_shift_starts']
) }}

select
    judged.site_id,
    plants.site_name as plant_name,
    plants.partner_id as plant_partner_id,
    judged.therapy_code,
    judged.week_start_date,
    {{ iso_week('judged.week_start_date') }} as iso_week,
    judged.version_date,
    judged.is_newest_version,
    judged.requested as requested_starts,
    judged.committed as committed_starts,
    judged.maximum_starts,
    judged.agreed_starts,
    judged.load_shift_starts,
    judged.short as short_starts,
    judged.over_asked as over_starts,
    judged.is_mismatch,
    judged.is_short_without_reason,
    judged.reason_code,
    judged.note,
    judged.last_answered_version_date,
    judged.changed_since_last_answer,
    judged.commit_change,
    judged.due_date,
    judged.first_answered_at,
    judged.answered_at,
    judged.is_answered,
    judged.is_on_time,
    judged.is_overdue,
    judged.response_hours,
    judged.submission_ids
from judged
left join {{ ref('int_sites__named') }} as plants on judged.site_id = plants.site_id
