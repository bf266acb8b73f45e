-- From the first leukapheresis to release: of first-pass lots alone, and of all attempts. The two are never mixed.
with cases as (
    select * from {{ ref('fct_case_timeline') }} where first_apheresis_at is not null
),

first_passes as (
    select * from {{ ref('fct_batches') }} where attempt = 1 and case_id is not null
),

waited as (
    select
        cases.*,
        greatest({{ days_between(
            'first_apheresis_at', 'coalesce(' ~ as_timestamp('outcome_date') ~ ', ' ~ knowledge_ends_at() ~ ')'
        ) }}, 0.0) as days_so_far
    from cases
),

-- A first attempt that was decided and not released is no first-pass lot: it is left out here and counted below.
first_pass as (
    select
        'turnaround_first_pass' as kpi_code,
        waited.therapy_code,
        cast(waited.first_apheresis_at as date) as cohort_date,
        case
            when first_passes.is_released then {{ days_between('waited.first_apheresis_at', 'first_passes.disposition_at') }} else waited.days_so_far
        end as days,
        coalesce(first_passes.is_released, false) as is_complete,
        {{ union_ids(lists=['waited.submission_ids', 'first_passes.submission_ids']) }} as submission_ids
    from waited
    left join first_passes on waited.case_id = first_passes.case_id
    where first_passes.disposition is null or first_passes.is_released
),

all_attempts as (
    select
        'turnaround_all_attempts' as kpi_code,
        therapy_code,
        cast(first_apheresis_at as date) as cohort_date,
        coalesce(turnaround_days, days_so_far) as days,
        turnaround_days is not null as is_complete,
        submission_ids
    from waited
),

observations as (
    select * from first_pass
    union all
    select * from all_attempts
),
{{ kpi_durations('observations') }}

select * from measured
