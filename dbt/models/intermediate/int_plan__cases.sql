-- Each case as the plan sees it: whether it waits for a start, and the days of collection and start that are booked for it. A case counts
-- once: as a booking, as opening backlog, or, while it holds nothing and was ordered in the planning week, within the forecast.
with cases as (
    select
        int_cases__steps.*,
        -- No attempt yet, or the last one failed and the next one has not begun.
        case_status = 'open'
        and (manufacture_start_at is null or coalesce(disposition in ('rejected', 'terminated', 'withdrawn'), false)) as awaits_start
    from {{ ref('int_cases__steps') }} as int_cases__steps
),

appointments as (
    select
        case_id,
        max(cast(start_at as date)) as collection_date,
        max(case when status <> 'fulfilled' then cast(start_at as date) end) as ahead_date,
        {{ ids('submission_id') }} as submission_ids
    from {{ ref('stg_apheresis_schedule') }}
    where is_current and status in ('proposed', 'pending', 'booked', 'waitlist', 'arrived', 'checked-in', 'fulfilled')
    group by 1
),

slots as (
    select
        case_id,
        min(start_window_open_date) as start_date,
        {{ ids('submission_id') }} as submission_ids
    from {{ ref('stg_slot_plan') }}
    where is_current and case_id is not null and start_window_close_date >= {{ add_days(planning_week(), -7) }}
    group by 1
)

select
    cases.case_id,
    cases.hospital_id,
    cases.therapy_code,
    cases.ordered_at,
    cases.awaits_start,
    cases.first_manufacture_start_at is not null and cases.awaits_start as is_remake,
    coalesce(cast(cases.apheresis_at as date), appointments.collection_date) as collection_date,
    -- What began in the planning week is a start of the plan, like what is booked for it.
    case
        when cases.awaits_start then slots.start_date
        when cases.manufacture_start_at >= {{ as_timestamp(planning_week()) }} then cast(cases.manufacture_start_at as date)
    end as start_date,
    case
        when cases.awaits_start
            then slots.case_id is not null or coalesce(appointments.ahead_date >= {{ add_days(planning_week(), -7) }}, false)
        else coalesce(cases.manufacture_start_at >= {{ as_timestamp(planning_week()) }}, false)
    end as is_booked,
    {{ union_ids(lists=['appointments.submission_ids', 'slots.submission_ids', 'cases.submission_ids']) }} as submission_ids
from cases
left join appointments on cases.case_id = appointments.case_id
left join slots on cases.case_id = slots.case_id
