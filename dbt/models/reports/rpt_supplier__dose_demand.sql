-- Doses that the network asks for, repeated manufacture included, per vector and week of start, to the suppliers of that vector, as fine as the
-- strictest agreement that needs the vector lets them see it. Too few patients: nothing that counts them.
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

terms as (
    select * from {{ ref('int_agreements__resource_terms') }} where resource_kind = 'vector'
),

-- Where no agreement needs the vector, the standard terms hold.
standard as (
    select coalesce(max(coarseness), 0) as coarseness, {{ all_ids('submission_ids') }} as submission_ids
    from ({{ sharing_of('dose_demand', 'supplier') }}) as sharing
    where agreement_id = {{ standard() }}
),

judged as (
    select
        weekly.partner_id,
        weekly.vector_code,
        weekly.week_start_date,
        weekly.doses_demanded,
        weekly.doses_used,
        weekly.doses_waiting,
        weekly.doses_at_plants,
        weekly.plants_short_of_vector,
        coalesce(terms.coarseness, standard.coarseness) as coarseness,
        {{ is_below_cohort('sum(weekly.patients) over horizon', 'terms.minimum_cohort') }} as is_withheld,
        {{ union_ids(lists=['weekly.submission_ids', 'terms.submission_ids', 'standard.submission_ids']) }} as submission_ids
    from weekly
    cross join standard
    left join terms on weekly.partner_id = terms.partner_id and weekly.vector_code = terms.resource_code
    window horizon as (partition by weekly.partner_id, weekly.vector_code)
),

placed as (
    select judged.*, {{ shared_period('coarseness', 'week_start_date', 'partner_id, vector_code') }} as period_start_date
    from judged
    where coarseness < 3
)

select
    partner_id,
    vector_code,
    period_start_date as week_start_date,
    {{ iso_week('period_start_date') }} as iso_week,
    {{ grain_word('max(coarseness)') }} as grain,
    case when not bool_or(is_withheld) then round(sum(doses_demanded), 6) end as doses_demanded,
    case when not bool_or(is_withheld) then round(sum(doses_used), 6) end as doses_used,
    -- Who waits, and what is left at the plants, as the period ends.
    case when not bool_or(is_withheld) then max_by(doses_waiting, placed.week_start_date) end as doses_waiting,
    case when not bool_or(is_withheld) then max_by(doses_at_plants, placed.week_start_date) end as doses_at_plants,
    max(plants_short_of_vector) as plants_short_of_vector,
    bool_or(is_withheld) as is_withheld,
    {{ all_ids('submission_ids') }} as submission_ids
from placed
group by partner_id, vector_code, period_start_date
