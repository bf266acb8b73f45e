-- What the plants offer, to all hospitals alike. Nothing from which another hospital's demand could be told: the plan of a plant is often
-- that of one other hospital, and doses fall from week to week by what that hospital uses. Lines that an agreement keeps from somebody stand in
-- supply_ahead_by_terms.
with restricted as (
    select distinct therapy_code, site_id from {{ ref('int_agreements__supply_lines') }}
)

select
    plan.therapy_code,
    plan.therapy_name,
    plan.site_id,
    plan.plant_name,
    plan.week_start_date,
    plan.iso_week,
    plan.slots,
    plan.is_short,
    plan.binding_constraint,
    plan.infusion_week_start_date,
    plan.submission_ids
from {{ ref('fct_aligned_plan') }} as plan
left join restricted on plan.therapy_code = restricted.therapy_code and plan.site_id = restricted.site_id
where restricted.site_id is null
