-- Patients ordered before the planning week who have not started and hold neither an appointment nor a slot from the week before on:
-- reports of that week may still be on their way, and a slot that has just passed was used until we hear otherwise.
with cases as (
    select * from {{ ref('int_cases__steps') }}
),

appointments as (
    select distinct case_id
    from {{ ref('stg_apheresis_schedule') }}
    where
        is_current
        and status in ('proposed', 'pending', 'booked', 'waitlist', 'arrived', 'checked-in')
        and cast(start_at as date) >= {{ add_days(planning_week(), -7) }}
),

slots as (
    select distinct case_id
    from {{ ref('stg_slot_plan') }}
    where is_current and case_id is not null and start_window_close_date >= {{ add_days(planning_week(), -7) }}
)

select
    cases.hospital_id,
    cases.therapy_code,
    cast(count(*) as double) as opening_backlog,
    {{ all_ids('cases.submission_ids') }} as submission_ids
from cases
left join appointments on cases.case_id = appointments.case_id
left join slots on cases.case_id = slots.case_id
where
    cases.case_status = 'open'
    and cases.first_manufacture_start_at is null
    and cases.ordered_at < {{ as_timestamp(planning_week()) }}
    and appointments.case_id is null
    and slots.case_id is null
group by 1, 2
