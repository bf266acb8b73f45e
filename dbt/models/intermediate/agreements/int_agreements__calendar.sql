-- When each feed is due under which agreement, with the standard calendar's day where the agreement has none of its own.
{{ resolved('agreement_calendar', ['feed'], ['due_weekday', 'due_time', 'zone']) }}

select
    agreement_id,
    feed,
    {{ weekday_no('due_weekday') }} as due_weekday,
    concat(due_time, ':00') as due_clock,
    zone,
    stated_by,
    {{ union_ids(singles=['submission_id']) }} as submission_ids
from resolved
where choice = 1
