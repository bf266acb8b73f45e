-- Demand against committed capacity per therapy and week, and how many groups are green, orange and red.
select
    therapy_code,
    week_start_date,
    iso_week,
    round(sum(demand), 6) as demand,
    round(sum(actual_capacity), 6) as actual_capacity,
    round(sum(maximum_capacity), 6) as maximum_capacity,
    count(*) as capacity_groups,
    count(case when colour = 'green' then 1 end) as green_groups,
    count(case when colour = 'orange' then 1 end) as orange_groups,
    count(case when colour = 'red' then 1 end) as red_groups,
    {{ all_ids('submission_ids') }} as submission_ids
from {{ ref('fct_capacity_match') }}
group by 1, 2, 3
