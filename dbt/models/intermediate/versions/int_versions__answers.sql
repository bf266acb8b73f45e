-- Each plant's newest answer to each forecast version, week by week.
with answers as (
    select
        *,
        row_number() over (
            partition by site_id, therapy_code, week_start_date, forecast_version_date order by stated_at desc, submission_id desc, row_number desc
        ) as choice,
        min(as_of) over (partition by site_id, therapy_code, week_start_date, forecast_version_date) as first_answered_at
    from {{ ref('stg_capacity_commit') }}
    where is_own
)

select
    site_id,
    therapy_code,
    week_start_date,
    forecast_version_date as version_date,
    actual_starts,
    maximum_starts,
    agreed_starts,
    load_shift_starts,
    reason_code,
    note,
    first_answered_at,
    as_of as answered_at,
    submission_id
from answers
where choice = 1
