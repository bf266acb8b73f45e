-- Starts that a plant offers per therapy and week. A slot does not count when its whole window lies in a shutdown, when the plant says
-- for what it is qualified and this therapy is not among it on that day, or when its line starts no more in that week.
with slots as (
    select * from {{ ref('stg_slot_plan') }} where is_current and status in ('free', 'busy-tentative', 'busy')
),

shutdowns as (
    select * from {{ ref('stg_calendar') }} where is_current and event_kind = 'shutdown'
),

qualifications as (
    select * from {{ ref('stg_site_qualification') }} where is_current
),

-- Starts that the days of a slot's line allow in its week; a line whose calendar says nothing of the week does not limit.
line_weeks as (
    select
        site_id,
        line_code,
        {{ week_start('calendar_date') }} as week_start_date,
        sum(case when is_maintenance then 0 else max_starts end) as max_starts,
        {{ ids('submission_id') }} as submission_ids
    from {{ ref('stg_line_calendar') }}
    where is_current and calendar_date >= {{ planning_week() }}
    group by 1, 2, 3
),

shut as (
    select distinct slots.site_id, slots.slot_id
    from slots
    inner join shutdowns
        on (shutdowns.site_id is null or shutdowns.site_id = slots.site_id)
        and (shutdowns.therapy_code is null or shutdowns.therapy_code = slots.therapy_code)
        and slots.start_window_open_date >= shutdowns.start_date
        and slots.start_window_close_date <= shutdowns.end_date
),

qualified as (
    select slots.site_id, slots.slot_id, {{ ids('qualifications.submission_id') }} as submission_ids
    from slots
    inner join qualifications
        on slots.site_id = qualifications.site_id
        and slots.therapy_code = qualifications.therapy_code
        and slots.start_window_close_date >= qualifications.qualified_from_date
        and (qualifications.qualified_to_date is null or slots.start_window_open_date <= qualifications.qualified_to_date)
    group by 1, 2
),

offered as (
    select
        slots.*,
        {{ week_start('slots.start_window_open_date') }} as week_start_date,
        qualified.submission_ids as qualification_ids,
        row_number() over (
            partition by slots.site_id, slots.line_code, {{ week_start('slots.start_window_open_date') }}
            -- What is booked keeps its start.
            order by case when slots.status = 'busy' then 0 else 1 end, slots.start_window_open_date, slots.slot_id
        ) as place_on_line
    from slots
    left join shut on slots.site_id = shut.site_id and slots.slot_id = shut.slot_id
    left join qualified on slots.site_id = qualified.site_id and slots.slot_id = qualified.slot_id
    where
        shut.slot_id is null
        and (qualified.slot_id is not null or slots.site_id not in (select site_id from qualifications))
)

select
    offered.therapy_code,
    offered.site_id,
    offered.week_start_date,
    cast(count(*) as double) as slots,
    {{ union_ids(lists=[ids('offered.submission_id'), all_ids('offered.qualification_ids'), all_ids('line_weeks.submission_ids')]) }}
        as submission_ids
from offered
left join line_weeks
    on offered.site_id = line_weeks.site_id
    and offered.line_code = line_weeks.line_code
    and offered.week_start_date = line_weeks.week_start_date
where line_weeks.max_starts is null or offered.place_on_line <= line_weeks.max_starts
group by 1, 2, 3
