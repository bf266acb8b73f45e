-- Which plant a hospital's week of collection goes to, and in which week it starts there: as the plan has it, and for weeks before the plan
-- as in the plan's first week.
with planned as (
    select
        hospital_id,
        therapy_code,
        site_id,
        collection_week_start_date,
        week_start_date,
        lane_id,
        vector_code,
        doses_per_batch,
        submission_ids,
        row_number() over (partition by hospital_id, therapy_code, collection_week_start_date order by week_no, site_id) as choice,
        row_number() over (partition by hospital_id, therapy_code order by week_no, site_id) as place
    from {{ ref('int_plan__links') }}
),

earlier as (
    {{ numbers(var('version_weeks', 53)) }}
)

select
    hospital_id, therapy_code, site_id, collection_week_start_date, week_start_date, lane_id, vector_code, doses_per_batch, submission_ids
from planned
where choice = 1
union all
select
    planned.hospital_id,
    planned.therapy_code,
    planned.site_id,
    {{ add_days('planned.collection_week_start_date', '-7 * (earlier.week_no + 1)') }} as collection_week_start_date,
    {{ add_days('planned.week_start_date', '-7 * (earlier.week_no + 1)') }} as week_start_date,
    planned.lane_id,
    planned.vector_code,
    planned.doses_per_batch,
    planned.submission_ids
from planned
cross join earlier
where planned.place = 1
