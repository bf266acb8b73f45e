-- What a run of short weeks means for each hospital that waits in it: its own patients, and nothing of the others'.
with runs as (
    select found.exception_key, runs.*
    from {{ ref('int_exceptions__found') }} as found
    inner join {{ ref('int_exceptions__runs') }} as runs
        on found.object_code = runs.object_code and found.first_week_start_date = runs.first_week_start_date
    where found.criterion_code in ('bottleneck_red', 'bottleneck_orange', 'bed_short', 'chair_short')
),

summed as (
    select
        runs.exception_key,
        demand.hospital_id,
        demand.hospital_partner_id as partner_id,
        min(demand.hospital_name) as hospital_name,
        min(runs.plant_name) as plant_name,
        min(runs.therapy_name) as therapy_name,
        min(demand.week_start_date) as first_week_start_date,
        max(demand.week_start_date) as last_week_start_date,
        {{ total('least(demand.waiting, demand.demand + demand.remake)') }} as patients,
        7 * {{ total('demand.waiting') }} as patient_days,
        {{ all_ids('demand.submission_ids') }} as submission_ids
    from runs
    inner join {{ ref('fct_plan_demand') }} as demand
        on runs.therapy_code = demand.therapy_code
        and runs.site_id = demand.site_id
        and demand.week_start_date between runs.first_week_start_date and runs.last_week_start_date
    where demand.waiting > 0.005
    group by 1, 2, 3
)

select
    exception_key,
    hospital_id,
    partner_id,
    round(greatest(patients, patient_days / 7 / 26), 1) as patients,
    round(patient_days, 1) as patient_days,
    concat(
        plant_name, ' is short for ', therapy_name, ' ', {{ span_words('first_week_start_date', 'last_week_start_date') }}, ': ',
        {{ people_words('greatest(patients, patient_days / 7 / 26)') }}, ' of ', hospital_name,
        case when {{ people_number('greatest(patients, patient_days / 7 / 26)') }} = '1' then ' waits' else ' wait' end
    ) as title,
    submission_ids
from summed
-- Less than half a patient is nobody here either.
where greatest(patients, patient_days / 7 / 26) >= 0.5
