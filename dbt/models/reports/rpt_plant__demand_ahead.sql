-- What the network asks for, to all plants alike: totals per therapy and week of start.
select
    therapy_code,
    therapy_name,
    week_start_date,
    iso_week,
    round(sum(demand), 6) as demand,
    round(sum(backlog_in), 6) as backlog_in,
    round(sum(slots), 6) as slots,
    round(sum(served), 6) as served,
    round(sum(waiting), 6) as waiting,
    {{ all_ids('submission_ids') }} as submission_ids
from {{ ref('fct_aligned_plan') }}
group by 1, 2, 3, 4
