-- CX-0128, the supplier's side: a capacity group per plant and therapy, week by week. Where the plant has not committed, the slots that it
-- shows are actual and maximum capacity. A group is inactive where the plant is not, or no longer, qualified for the therapy.
with commits as (
    select site_id, therapy_code, week_start_date, actual_starts, maximum_starts, agreed_starts, load_shift_starts, submission_id
    from {{ ref('stg_capacity_commit') }}
    where is_current
),

slots as (
    select * from {{ ref('int_plan__slots') }}
),

qualified as (
    select
        site_id,
        therapy_code,
        min(qualified_from_date) as first_date,
        max(coalesce(qualified_to_date, cast('9999-12-31' as date))) as last_date,
        {{ ids('submission_id') }} as submission_ids
    from {{ ref('stg_site_qualification') }}
    where is_current
    group by 1, 2
),

groups as (
    select distinct site_id, therapy_code from commits
    union
    select distinct site_id, therapy_code from slots
    union
    select distinct site_id, therapy_code from {{ ref('int_versions__demand_series') }}
)

select
    groups.site_id,
    groups.therapy_code,
    weeks.week_start_date,
    weeks.iso_week,
    coalesce(commits.actual_starts, slots.slots, 0.0) as actual_capacity,
    coalesce(commits.maximum_starts, slots.slots, 0.0) as maximum_capacity,
    commits.agreed_starts as agreed_capacity,
    -- Signed load that the plant makes earlier or later than asked: it enters the comparison and never changes the demand.
    coalesce(commits.load_shift_starts, 0.0) as load_shift,
    case when commits.site_id is not null then 'commit' when slots.site_id is not null then 'slot plan' else 'none' end as capacity_source,
    qualified.site_id is not null
    and (qualified.first_date > {{ add_days('weeks.week_start_date', 6) }} or qualified.last_date < weeks.week_start_date) as is_inactive,
    {{ union_ids(lists=['slots.submission_ids', 'qualified.submission_ids'], singles=['commits.submission_id']) }} as submission_ids
from groups
cross join {{ ref('int_plan__weeks') }} as weeks
left join commits
    on groups.site_id = commits.site_id and groups.therapy_code = commits.therapy_code and weeks.week_start_date = commits.week_start_date
left join slots
    on groups.site_id = slots.site_id and groups.therapy_code = slots.therapy_code and weeks.week_start_date = slots.week_start_date
left join qualified on groups.site_id = qualified.site_id and groups.therapy_code = qualified.therapy_code
