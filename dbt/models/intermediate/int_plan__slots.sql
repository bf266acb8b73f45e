-- Starts that a plant offers per therapy and week. A slot whose whole window lies in a shutdown does not count, even if the plan still shows it.
with slots as (
    select * from {{ ref('stg_slot_plan') }} where is_current and status in ('free', 'busy-tentative', 'busy')
),

shutdowns as (
    select * from {{ ref('stg_calendar') }} where is_current and event_kind = 'shutdown'
),

shut as (
    select distinct slots.site_id, slots.slot_id
    from slots
    inner join shutdowns
        on (shutdowns.site_id is null or shutdowns.site_id = slots.site_id)
        and (shutdowns.therapy_code is null or shutdowns.therapy_code = slots.therapy_code)
        and slots.start_window_open_date >= shutdowns.start_date
        and slots.start_window_close_date <= shutdowns.end_date
)

select
    slots.therapy_code,
    slots.site_id,
    {{ week_start('slots.start_window_open_date') }} as week_start_date,
    cast(count(*) as double) as slots,
    {{ ids('slots.submission_id') }} as submission_ids
from slots
left join shut on slots.site_id = shut.site_id and slots.slot_id = shut.slot_id
where shut.slot_id is null
group by 1, 2, 3
