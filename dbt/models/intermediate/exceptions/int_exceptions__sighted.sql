-- One row per exception that an earlier plan held open: since when, how often, and what was said of it last.
with days as (
    select * from {{ ref('int_exceptions__days') }}
),

told as (
    select
        exception_key,
        min(case when is_open then planning_date end) as first_opened_on,
        max(case when is_open and not was_open then planning_date end) as last_opened_on,
        max(case when not is_open and was_open then planning_date end) as last_cleared_on,
        cast(sum(case when is_open and not was_open then 1 else 0 end) as integer) as times_opened,
        max(planning_date) as last_sighted_on
    from days
    group by 1
)

select
    told.exception_key,
    told.first_opened_on,
    told.last_opened_on,
    told.last_cleared_on,
    told.times_opened,
    days.is_open,
    days.criterion_code,
    days.object_kind,
    days.object_code,
    days.title,
    days.severity,
    days.owner_role,
    days.owner_partner_id,
    days.patients,
    days.days,
    days.figure,
    {{ key_part('told.exception_key', 1) }} as key_code,
    cast({{ key_part('told.exception_key', 3) }} as date) as week_start_date
from told
inner join days on told.exception_key = days.exception_key and told.last_sighted_on = days.planning_date
where told.first_opened_on is not null
