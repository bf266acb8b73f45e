-- Doses that the network asks for, per vector and week of start, to the suppliers of that vector.
with therapies as (
    select therapy_code, vector_code, doses_per_batch from {{ ref('stg_therapy') }} where is_current
),

suppliers as (
    select distinct sender_partner_id as partner_id, vector_code from {{ ref('stg_vector_inventory') }} where is_current
    union
    select distinct sender_partner_id as partner_id, vector_code from {{ ref('stg_vector_supply_plan') }} where is_current
)

select
    suppliers.partner_id,
    therapies.vector_code,
    plan.week_start_date,
    plan.iso_week,
    round(sum(plan.demand * therapies.doses_per_batch), 6) as doses_demanded,
    round(sum(plan.served * therapies.doses_per_batch), 6) as doses_used,
    round(sum(plan.waiting * therapies.doses_per_batch), 6) as doses_waiting,
    round(sum(plan.vector_doses), 6) as doses_at_plants,
    count(case when plan.binding_constraint = 'vector' then 1 end) as plants_short_of_vector,
    {{ all_ids('plan.submission_ids') }} as submission_ids
from {{ ref('fct_aligned_plan') }} as plan
inner join therapies on plan.therapy_code = therapies.therapy_code
inner join suppliers on therapies.vector_code = suppliers.vector_code
group by 1, 2, 3, 4
