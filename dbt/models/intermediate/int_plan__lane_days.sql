-- The days of the plan on which a lane does not run: an airport of either end is closed and the lane flies, or a site at either end
-- that keeps holidays has one.
with lanes as (
    select * from {{ ref('stg_lane') }} where is_current
),

sites as (
    select * from {{ ref('stg_site') }} where is_current
),

events as (
    select * from {{ ref('stg_calendar') }} where is_current and event_kind in ('airport_closure', 'holiday')
),

ends as (
    select lane_id, mode, from_site_id as site_id from lanes
    union
    select lane_id, mode, to_site_id as site_id from lanes
),

stopped as (
    select
        ends.lane_id,
        events.event_kind,
        events.start_date,
        events.end_date,
        events.submission_id
    from ends
    inner join events on events.site_id is null or events.site_id = ends.site_id
    left join sites on ends.site_id = sites.site_id
    where
        (events.event_kind = 'airport_closure' and ends.mode = 'air')
        or (events.event_kind = 'holiday' and sites.holiday_calendar_code is not null)
),

-- Collections lie up to four weeks before the start, transports of product up to four weeks after the plan.
days as (
    select {{ add_days(planning_week(), 'week_no - 28') }} as day
    from ({{ numbers(7 * var('horizon_weeks') + 56) }}) as numbers
)

select
    stopped.lane_id,
    days.day,
    max(case when stopped.event_kind = 'holiday' then 1 else 0 end) as is_holiday,
    {{ ids('stopped.submission_id') }} as submission_ids
from stopped
inner join days on days.day between stopped.start_date and stopped.end_date
group by 1, 2
