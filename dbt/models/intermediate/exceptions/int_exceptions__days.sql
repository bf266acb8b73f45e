-- What the plans of earlier days held open: per exception and planning date the last word of that day.
with ranked as (
    select
        sightings.*,
        row_number() over (partition by exception_key, planning_date order by recorded_at desc, edition_id desc) as choice
    from {{ source('register', 'exception_sighting') }} as sightings
    where planning_date < {{ planning_date() }}
)

select
    ranked.*,
    sighted <> 'cleared' as is_open,
    coalesce(lag(sighted <> 'cleared') over (partition by exception_key order by planning_date), false) as was_open
from ranked
where choice = 1
