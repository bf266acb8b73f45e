-- The forecast versions that a plant answered, and those that it was asked to answer and has not: a version per cycle in which one of its
-- hospitals sent. A plant that has never answered anything is asked for the newest only.
with answered as (
    select distinct site_id, therapy_code, version_date, {{ week_start('version_date') }} as cycle_week
    from {{ ref('int_versions__answers') }}
    where version_date <= {{ planning_date() }}
),

sent as (
    select distinct hospital_id, {{ week_start('stated_date') }} as cycle_week
    from {{ ref('int_versions__coverage') }}
),

plants as (
    select distinct hospital_id, therapy_code, site_id from {{ ref('int_versions__links') }}
),

cycles as (
    select distinct
        plants.site_id,
        plants.therapy_code,
        sent.cycle_week,
        least({{ add_days('sent.cycle_week', 6) }}, {{ planning_date() }}) as version_date
    from plants
    inner join sent on plants.hospital_id = sent.hospital_id
    where sent.cycle_week >= {{ add_days(planning_week(), '-7 * ' ~ var('accuracy_weeks', 26)) }}
),

beginnings as (
    select site_id, therapy_code, min(cycle_week) as first_cycle from answered group by 1, 2
),

newest as (
    select site_id, therapy_code, max(cycle_week) as last_cycle from cycles group by 1, 2
)

select site_id, therapy_code, version_date, cycle_week, true as is_answered
from answered
union all
select cycles.site_id, cycles.therapy_code, cycles.version_date, cycles.cycle_week, false as is_answered
from cycles
inner join newest on cycles.site_id = newest.site_id and cycles.therapy_code = newest.therapy_code
left join beginnings on cycles.site_id = beginnings.site_id and cycles.therapy_code = beginnings.therapy_code
left join answered
    on cycles.site_id = answered.site_id and cycles.therapy_code = answered.therapy_code and cycles.cycle_week = answered.cycle_week
where answered.site_id is null and cycles.cycle_week >= coalesce(beginnings.first_cycle, newest.last_cycle)
