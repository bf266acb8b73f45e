-- Patients ordered before the planning week who wait for a start and hold neither an appointment nor a slot from the week before on:
-- reports of that week may still be on their way, and a slot that has just passed was used until we hear otherwise.
select
    hospital_id,
    therapy_code,
    cast(count(*) as double) as opening_backlog,
    {{ all_ids('submission_ids') }} as submission_ids
from {{ ref('int_plan__cases') }}
where awaits_start and not is_booked and ordered_at < {{ as_timestamp(planning_week()) }}
group by 1, 2
