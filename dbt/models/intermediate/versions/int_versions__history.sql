-- Collections week by week without gaps, from the first week in which anybody collected to the last full week: a week without a
-- collection is a zero, a week before the network's first is not known.
with collected as (
    select * from {{ ref('int_versions__collected') }}
),

pairs as (
    select distinct hospital_id, therapy_code from {{ ref('int_versions__forecasts') }}
    union
    select distinct hospital_id, therapy_code from collected
),

beginning as (
    select min(week_start_date) as first_week from collected
),

weeks as (
    select {{ add_days(planning_week(), '-7 * (week_no + 1)') }} as week_start_date
    from ({{ numbers(var('history_weeks', 120)) }}) as numbers
),

filled as (
    select
        pairs.hospital_id,
        pairs.therapy_code,
        weeks.week_start_date,
        coalesce(collected.patients, 0.0) as actual,
        collected.submission_ids
    from pairs
    cross join weeks
    inner join beginning on weeks.week_start_date >= beginning.first_week
    left join collected
        on pairs.hospital_id = collected.hospital_id
        and pairs.therapy_code = collected.therapy_code
        and weeks.week_start_date = collected.week_start_date
)

select
    hospital_id,
    therapy_code,
    week_start_date,
    actual,
    case when count(*) over four_weeks = 4 then round(avg(actual) over four_weeks, 6) end as moving_average,
    {{ union_ids(lists=['submission_ids']) }} as submission_ids
from filled
window four_weeks as (partition by hospital_id, therapy_code order by week_start_date rows between 3 preceding and current row)
