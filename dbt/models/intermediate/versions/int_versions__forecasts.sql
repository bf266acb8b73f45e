-- What each forecast file said of a therapy and week, all kinds of demand together.
select
    sender_partner_id,
    hospital_id,
    therapy_code,
    week_start_date,
    submission_id,
    round(sum(patients), 6) as patients
from {{ ref('stg_demand_forecast') }}
where is_own
group by 1, 2, 3, 4, 5
