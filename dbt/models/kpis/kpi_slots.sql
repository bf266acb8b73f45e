-- The slot ladder: each rung as a share of the rung before it, over slots whose window has passed.
with slots as (
    select * from {{ ref('fct_slots') }} where is_past
),

observations as (
    select 'slot_committed' as kpi_code, therapy_code, start_window_open_date as cohort_date, is_committed as is_hit, submission_ids
    from slots
    union all
    select 'slot_booked' as kpi_code, therapy_code, start_window_open_date as cohort_date, is_booked as is_hit, submission_ids
    from slots
    where is_committed
    union all
    select 'slot_started' as kpi_code, therapy_code, start_window_open_date as cohort_date, is_started as is_hit, submission_ids
    from slots
    where is_booked
    union all
    select 'slot_released' as kpi_code, therapy_code, start_window_open_date as cohort_date, is_released as is_hit, submission_ids
    from slots
    where is_started
    union all
    select 'slot_lost' as kpi_code, therapy_code, start_window_open_date as cohort_date, not is_started as is_hit, submission_ids
    from slots
),
{{ kpi_shares('observations') }}

select * from measured
