-- What each forecast version asked of a supplier for a vector and of a courier for a lane, week by week, and what they answered.
{%- set line = ['partner_id', 'resource_kind', 'resource_code'] %}
{{ answered_versions(
    line, ref('int_versions__supply_requests'), ref('int_versions__supply_answers'),
    'select * from ' ~ ref('int_agreements__resource_terms'), 'requested_quantity', 'committed_quantity'
) }},

partners as (
    select partner_id, min(partner_name) as partner_name from {{ ref('stg_partner') }} where is_current group by 1
),

lanes as (
    select lanes.lane_id, lanes.courier_partner_id, concat(places_from.site_name, ' to ', places_to.site_name) as lane_name
    from {{ ref('stg_lane') }} as lanes
    left join {{ ref('int_sites__named') }} as places_from on lanes.from_site_id = places_from.site_id
    left join {{ ref('int_sites__named') }} as places_to on lanes.to_site_id = places_to.site_id
    where lanes.is_current
)

select
    judged.partner_id,
    partners.partner_name,
    judged.resource_kind,
    judged.resource_code,
    case judged.resource_kind when 'lane' then coalesce(lanes.lane_name, judged.resource_code) else judged.resource_code end as resource_name,
    case judged.resource_kind when 'lane' then 'shipments' else 'doses' end as unit_code,
    judged.week_start_date,
    {{ iso_week('judged.week_start_date') }} as iso_week,
    coalesce(requests.grain, 'week') as grain,
    judged.version_date,
    judged.is_newest_version,
    judged.requested as requested_quantity,
    coalesce(requests.requested_patients, 0.0) as requested_patients,
    judged.committed as committed_quantity,
    judged.short as short_quantity,
    judged.over_asked as over_quantity,
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
left join requests on {{ alike('judged', 'requests', line + ['week_start_date', 'version_date']) }}
left join partners on judged.partner_id = partners.partner_id
left join lanes
    on judged.resource_kind = 'lane' and judged.resource_code = lanes.lane_id and judged.partner_id = lanes.courier_partner_id
