-- Product delivered on or before the promised date, against the first promise and against the last one; dated by that promise.
with due as (
    select
        shipments.*,
        cases.therapy_code
    from {{ ref('fct_shipments') }} as shipments
    left join {{ ref('int_cases__steps') }} as cases on shipments.case_id = cases.case_id
    where shipments.leg = 'product_out' and shipments.status <> 'cancelled'
),

observations as (
    select
        'on_time_first_promise' as kpi_code,
        therapy_code,
        first_promised_date as cohort_date,
        is_on_time_first_promise as is_hit,
        submission_ids
    from due
    union all
    select
        'on_time_last_promise' as kpi_code,
        therapy_code,
        promised_date as cohort_date,
        is_on_time_last_promise as is_hit,
        submission_ids
    from due
),
{{ kpi_shares('observations') }}

select * from measured
