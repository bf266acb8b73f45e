-- Shares of batches, dated by the quality decision: right first time, first-pass success, out of specification.
with decided as (
    select * from {{ ref('fct_batches') }} where disposition is not null
),

observations as (
    select
        'right_first_time' as kpi_code,
        therapy_code,
        cast(disposition_at as date) as cohort_date,
        not is_rework and not is_exception_handling as is_hit,
        submission_ids
    from decided
    where is_released
    union all
    select
        'first_pass_success' as kpi_code,
        therapy_code,
        cast(disposition_at as date) as cohort_date,
        is_released as is_hit,
        submission_ids
    from decided
    where attempt = 1 and disposition <> 'withdrawn'
    union all
    -- Terminated and withdrawn lots never reached the release tests.
    select
        'out_of_specification' as kpi_code,
        therapy_code,
        cast(disposition_at as date) as cohort_date,
        failed_tests is not null and failed_tests <> '' as is_hit,
        submission_ids
    from decided
    where disposition not in ('terminated', 'withdrawn')
),
{{ kpi_shares('observations') }}

select * from measured
