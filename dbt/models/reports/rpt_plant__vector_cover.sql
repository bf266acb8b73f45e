-- How far the vector of a plant reaches: doses at hand against doses asked for, and the weeks of average demand that they cover.
with therapies as (
    select therapy_code, vector_code, doses_per_batch from {{ ref('stg_therapy') }} where is_current
)

select
    plan.plant_partner_id as partner_id,
    plan.therapy_code,
    plan.therapy_name,
    therapies.vector_code,
    plan.site_id,
    plan.plant_name,
    plan.week_start_date,
    plan.iso_week,
    round((plan.demand + plan.remake + plan.backlog_in) * therapies.doses_per_batch, 6) as doses_wanted,
    plan.vector_doses,
    round(plan.served * therapies.doses_per_batch, 6) as doses_used,
    round(plan.vector_doses / nullif(
        {{ mean('plan.demand', over='(partition by plan.therapy_code, plan.site_id)') }} * therapies.doses_per_batch, 0
    ), 3) as cover_weeks,
    plan.is_short and plan.binding_constraint = 'vector' as is_vector_short,
    plan.submission_ids
from {{ ref('fct_aligned_plan') }} as plan
inner join therapies on plan.therapy_code = therapies.therapy_code
