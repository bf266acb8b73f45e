-- How good the plan is: forecasts four weeks ahead against collections, commits against requests, starts against bookings. By week.
with observations as (
    select
        'forecast_wape_lag_4' as kpi_code,
        therapy_code,
        week_start_date as cohort_date,
        abs(actual - forecast) as numerator,
        actual as denominator,
        submission_ids
    from {{ ref('int_versions__cells') }}
    where lag_weeks = 4 and forecast is not null
    union all
    select
        'forecast_bias_lag_4' as kpi_code,
        therapy_code,
        week_start_date as cohort_date,
        forecast - actual as numerator,
        actual as denominator,
        submission_ids
    from {{ ref('int_versions__cells') }}
    where lag_weeks = 4 and forecast is not null
    union all
    select
        'commit_to_request' as kpi_code,
        therapy_code,
        week_start_date as cohort_date,
        least(committed_starts, requested_starts) as numerator,
        requested_starts as denominator,
        submission_ids
    from {{ ref('int_versions__promised') }}
    where requested_starts is not null
    union all
    select
        'plan_attainment' as kpi_code,
        therapy_code,
        week_start_date as cohort_date,
        least(starts, planned_starts) as numerator,
        planned_starts as denominator,
        submission_ids
    from {{ ref('int_versions__promised') }}
    where planned_starts is not null
),
{{ kpi_ratios('observations') }}

select * from measured
