-- First attempts that began before the plan and are not decided: some will fail, and come again when manufacture and quality control are
-- over (week_no; the first week of the plan for those that are late already).
with started as (
    select
        batches.hospital_id,
        batches.therapy_code,
        batches.site_id,
        cast({{ date_days(planning_week(), week_start('batches.manufacture_start_at')) }} / 7 as integer) + therapies.remake_lag_weeks as week_no,
        batches.submission_ids
    from {{ ref('int_batches__attempts') }} as batches
    inner join {{ ref('int_plan__therapies') }} as therapies on batches.therapy_code = therapies.therapy_code
    where
        batches.attempt = 1
        and batches.disposition is null
        and batches.manufacture_start_at < {{ as_timestamp(planning_week()) }}
        -- A batch that nobody has spoken of for so long is not under way.
        and batches.manufacture_start_at >= {{ as_timestamp(add_days(planning_week(), -84)) }}
)

select
    hospital_id,
    therapy_code,
    site_id,
    greatest(week_no, 0) as week_no,
    cast(count(*) as double) as prior_starts,
    {{ all_ids('submission_ids') }} as submission_ids
from started
group by 1, 2, 3, 4
