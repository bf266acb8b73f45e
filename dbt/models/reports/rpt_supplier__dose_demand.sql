-- Doses that the network asks for, repeated manufacture included, per vector and week of start, to the suppliers of that vector. Too few patients: nothing that counts them.
with therapies as (
    select therapy_code, vector_code, doses_per_batch from {{ ref('stg_therapy') }} where is_current
),

suppliers as (
    select distinct sender_partner_id as partner_id, vector_code from {{ ref('stg_vector_inventory') }} where is_current
    union
    select distinct sender_partner_id as partner_id, vector_code from {{ ref('stg_vector_supply_plan') }} where is_current
),

weekly as (
    select
        suppliers.partner_id,
        therapies.vector_code,
        plan.week_start_date,
        plan.iso_week,
        {{ total('plan.demand') }} as patients,
        round(sum((plan.demand + coalesce(plan.remake, 0.0)) * therapies.doses_per_batch), 6) as doses_demanded,
        round({{ total('plan.served * therapies.doses_per_batch') }}, 6) as doses_used,
        round({{ total('plan.waiting * therapies.doses_per_batch') }}, 6) as doses_waiting,
        round({{ total('plan.vector_doses') }}, 6) as doses_at_plants,
        count(case when plan.binding_constraint = 'vector' then 1 end) as plants_short_of_vector,
        {{ all_ids('plan.submission_ids') }} as submission_ids
    from {{ ref('fct_aligned_plan') }} as plan
    inner join therapies on plan.therapy_code = therapies.therapy_code
    inner join suppliers on therapies.vector_code = suppliers.vector_code
    group by 1, 2, 3, 4
),

cohorts as (
    select therapies.vector_code, max(agreements.minimum_cohort) as minimum_cohort
    from {{ ref('int_agreements__terms') }} as agreements
    inner join therapies on agreements.therapy_code = therapies.therapy_code
    group by 1
),

judged as (
    select
        weekly.*,
        {{ is_below_cohort('sum(weekly.patients) over horizon', 'cohorts.minimum_cohort') }} as is_withheld
    from weekly
    left join cohorts on weekly.vector_code = cohorts.vector_code
    window horizon as (partition by weekly.partner_id, weekly.vector_code)
)

select
    partner_id,
    vector_code,
    week_start_date,
    iso_week,
    case when not is_withheld then doses_demanded end as doses_demanded,
    case when not is_withheld then doses_used end as doses_used,
    case when not is_withheld then doses_waiting end as doses_waiting,
    -- What is left at the plants falls by what was used.
    case when not is_withheld then doses_at_plants end as doses_at_plants,
    plants_short_of_vector,
    is_withheld,
    submission_ids
from judged
