-- Past weeks of start: what was asked of the plant and promised before the week began, what was booked, and what was started. A promise is
-- what was committed of what was asked: capacity nobody asked for cannot be delivered.
with ranked as (
    select
        *,
        row_number() over (
            partition by site_id, therapy_code, week_start_date order by is_answered desc, version_date desc
        ) as choice
    from {{ ref('fct_commits') }}
    where version_date < week_start_date and week_start_date < {{ planning_week() }}
),

booked as (
    select
        site_id,
        therapy_code,
        week_start_date,
        cast(count(*) as double) as planned_starts,
        cast(count(case when is_started and {{ week_start('cast(manufacture_start_at as date)') }} = week_start_date then 1 end) as double)
            as starts_in_planned_week,
        cast(count(case when is_started then 1 end) as double) as booked_and_started,
        {{ all_ids('submission_ids') }} as submission_ids
    from {{ ref('fct_slots') }}
    where is_booked and week_start_date < {{ planning_week() }}
    group by 1, 2, 3
),

started as (
    select
        site_id,
        therapy_code,
        {{ week_start('cast(manufacture_start_at as date)') }} as week_start_date,
        cast(count(*) as double) as starts,
        {{ all_ids('submission_ids') }} as submission_ids
    from {{ ref('int_batches__attempts') }}
    where manufacture_start_at is not null and therapy_code is not null
    group by 1, 2, 3
),

keys as (
    select site_id, therapy_code, week_start_date from ranked where choice = 1
    union
    select site_id, therapy_code, week_start_date from booked
    union
    select site_id, therapy_code, week_start_date from started where week_start_date < {{ planning_week() }}
)

select
    keys.site_id,
    keys.therapy_code,
    keys.week_start_date,
    ranked.requested_starts,
    case when ranked.choice = 1 then coalesce(ranked.committed_starts, 0.0) end as committed_starts,
    booked.planned_starts,
    coalesce(booked.starts_in_planned_week, 0.0) as starts_in_planned_week,
    coalesce(booked.booked_and_started, 0.0) as booked_and_started,
    coalesce(started.starts, 0.0) as starts,
    {{ union_ids(lists=['ranked.submission_ids', 'booked.submission_ids', 'started.submission_ids']) }} as submission_ids
from keys
left join ranked
    on keys.site_id = ranked.site_id
    and keys.therapy_code = ranked.therapy_code
    and keys.week_start_date = ranked.week_start_date
    and ranked.choice = 1
left join booked
    on keys.site_id = booked.site_id and keys.therapy_code = booked.therapy_code and keys.week_start_date = booked.week_start_date
left join started
    on keys.site_id = started.site_id and keys.therapy_code = started.therapy_code and keys.week_start_date = started.week_start_date
