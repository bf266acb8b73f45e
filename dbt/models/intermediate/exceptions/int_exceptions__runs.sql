-- Runs of short weeks: the weeks of a therapy and plant in which patients wait, one after the other, are one exception. Who waits is counted
-- once, in the week in which the plan cannot start them; how long, by the patients who wait at each week's end (a week each). A run at whose
-- peak not even half a patient waits is nobody.
with weeks as (
    select
        plan.*,
        {{ date_days(planning_week(), 'plan.week_start_date') }} / 7 as week_no,
        least(plan.waiting, plan.demand + plan.remake) as newly_waiting,
        greatest(plan.waiting - plan.backlog_in, 0.0) as growth
    from {{ ref('fct_aligned_plan') }} as plan
    where plan.is_short
),

islands as (
    select
        weeks.*,
        week_no - row_number() over (partition by therapy_code, site_id order by week_no) as island
    from weeks
),

runs as (
    select
        therapy_code,
        site_id,
        island,
        min(therapy_name) as therapy_name,
        min(plant_name) as plant_name,
        min(plant_partner_id) as plant_partner_id,
        min(week_start_date) as first_week_start_date,
        max(week_start_date) as last_week_start_date,
        -- Who opened the run as backlog waits too.
        {{ total('newly_waiting') }} + max(case when week_no = 0 then greatest(waiting - demand - remake, 0.0) else 0.0 end) as patients,
        7 * {{ total('waiting') }} as patient_days,
        max(waiting) as peak,
        -- A backlog that opens the plan has grown before.
        min(case when growth > 0 or (week_no = 0 and backlog_in > 0.005) then week_start_date end) as first_growth_date,
        max(case when growth > 0 then week_start_date end) as last_growth_date,
        {{ all_ids('submission_ids') }} as submission_ids
    from islands
    group by 1, 2, 3
),

-- Who comes and who starts in the weeks until the waiting grows no more.
growing as (
    select
        runs.therapy_code,
        runs.site_id,
        runs.island,
        {{ total('islands.demand + islands.remake') }} as newly_expected,
        max(case when islands.week_no = 0 then islands.backlog_in else 0.0 end) as waiting_before,
        {{ total('islands.served') }} as served
    from runs
    inner join islands
        on runs.therapy_code = islands.therapy_code
        and runs.site_id = islands.site_id
        and runs.island = islands.island
        and islands.week_start_date between runs.first_growth_date and runs.last_growth_date
    group by 1, 2, 3
),

-- What binds where the waiting grows: later weeks only work it off.
binding as (
    select
        therapy_code,
        site_id,
        island,
        binding_constraint,
        row_number() over (partition by therapy_code, site_id, island order by {{ total('growth') }} desc, binding_constraint) as choice
    from islands
    group by 1, 2, 3, 4
),

-- Starts that the plant could add, by its own maximum capacity, and whether they suffice in every week in which the waiting grows.
flexible as (
    select
        islands.therapy_code,
        islands.site_id,
        islands.island,
        {{ total('coalesce(match.flexible_capacity, 0.0)') }} as flexible_starts,
        min(case when islands.growth > 0 then coalesce(match.flexible_capacity, 0.0) - islands.growth end) >= 0 as suffices,
        {{ all_ids('match.submission_ids') }} as submission_ids
    from islands
    left join {{ ref('fct_capacity_match') }} as match
        on islands.therapy_code = match.therapy_code
        and islands.site_id = match.site_id
        and islands.week_start_date = match.week_start_date
    group by 1, 2, 3
)

select
    concat(runs.therapy_code, ':', runs.site_id) as object_code,
    runs.therapy_code,
    runs.therapy_name,
    runs.site_id,
    runs.plant_name,
    runs.plant_partner_id,
    runs.first_week_start_date,
    runs.last_week_start_date,
    round(runs.patients, 6) as patients,
    round(runs.patient_days, 6) as patient_days,
    round(runs.patient_days / runs.patients, 6) as days,
    -- A run that only works off a backlog does not grow: then its first week speaks for it.
    coalesce(runs.first_growth_date, runs.first_week_start_date) as first_growth_date,
    coalesce(runs.last_growth_date, runs.first_week_start_date) as last_growth_date,
    round(coalesce(growing.newly_expected, runs.patients), 6) as newly_expected,
    round(coalesce(growing.waiting_before, 0.0), 6) as waiting_before,
    round(coalesce(growing.served, 0.0), 6) as served,
    binding.binding_constraint,
    flexible.flexible_starts,
    binding.binding_constraint = 'slot' and coalesce(flexible.suffices, false) as is_covered_by_flexibility,
    {{ union_ids(lists=['runs.submission_ids', 'flexible.submission_ids']) }} as submission_ids
from runs
inner join binding
    on runs.therapy_code = binding.therapy_code and runs.site_id = binding.site_id and runs.island = binding.island and binding.choice = 1
left join growing on runs.therapy_code = growing.therapy_code and runs.site_id = growing.site_id and runs.island = growing.island
inner join flexible
    on runs.therapy_code = flexible.therapy_code and runs.site_id = flexible.site_id and runs.island = flexible.island
where runs.peak >= 0.5
