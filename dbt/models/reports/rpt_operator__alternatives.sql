-- Where else patients of a short week could start: options to agree on. Only the operator sees what other plants have left over.
select
    therapy_code,
    site_id,
    week_start_date,
    iso_week,
    waiting,
    other_site_id,
    other_plant_name,
    other_week_start_date,
    other_iso_week,
    patients_possible,
    lead_time_days,
    hospitals,
    hospitals_with_lane,
    agreed_by,
    submission_ids
from {{ ref('int_plan__alternatives') }}
