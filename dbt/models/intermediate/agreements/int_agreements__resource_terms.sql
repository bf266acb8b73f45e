-- What the agreements that need a vector or a lane say together, the strictest of each: how fine its supplier or courier may see the demand,
-- below which number of patients not at all, and within how many days it answers.
with lines as (
    select distinct partner_id, resource_kind, resource_code, hospital_id, therapy_code, site_id
    from {{ ref('int_versions__supply_links') }}
),

sharing as (
    select 'vector' as resource_kind, doses.* from ({{ sharing_of('dose_demand', 'supplier') }}) as doses
    union all
    select 'lane' as resource_kind, lanes.* from ({{ sharing_of('lanes_ahead', 'courier') }}) as lanes
)

select
    lines.partner_id,
    lines.resource_kind,
    lines.resource_code,
    max(coalesce(sharing.coarseness, 0)) as coarseness,
    max(agreements.minimum_cohort) as minimum_cohort,
    min(agreements.response_days) as response_days,
    {{ all_ids(union_ids(lists=['agreements.submission_ids', 'sharing.submission_ids'])) }} as submission_ids
from lines
inner join {{ ref('int_agreements__terms') }} as agreements
    on lines.hospital_id = agreements.hospital_id and lines.therapy_code = agreements.therapy_code and lines.site_id = agreements.site_id
left join sharing on lines.resource_kind = sharing.resource_kind and agreements.agreement_id = sharing.agreement_id
group by 1, 2, 3
