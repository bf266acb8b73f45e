select
    week_no,
    {{ add_days(planning_week(), 'week_no * 7') }} as week_start_date,
    {{ iso_week(add_days(planning_week(), 'week_no * 7')) }} as iso_week
from ({{ numbers(var('horizon_weeks')) }}) as numbers
