-- The plan of the whole network per therapy and week of start, and what binds where it falls short.
select
    therapy_code,
    therapy_name,
    week_start_date,
    iso_week,
    round(sum(demand), 6) as demand,
    round(sum(backlog_in), 6) as backlog_in,
    round(sum(slots), 6) as slots,
    round(sum(vector_doses), 6) as vector_doses,
    round(sum(served), 6) as served,
    round(sum(waiting), 6) as waiting,
    count(*) as plants,
    count(case when is_short then 1 end) as plants_short,
    {{ ids('binding_constraint') }} as binding_constraints,
    {{ all_ids('submission_ids') }} as submission_ids
from {{ ref('fct_aligned_plan') }}
group by 1, 2, 3, 4
