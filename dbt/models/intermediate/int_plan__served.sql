-- The plan, week by week: who waits, who starts, and what is left of each lot of vector (first expiry first out).
--   start_t = least of (waiting_{t-1} + demand_t, perishable capacity_t, usable doses_t / doses per batch)
--   waiting_t = waiting_{t-1} + demand_t - start_t
-- Nobody is dropped: who cannot start waits for the next week.
with recursive lots as (
    {{ lots_in_rows(ref('int_plan__lots')) }}
),

opening as (
    select
        frame.therapy_code,
        frame.site_id,
        lots.first_weeks,
        lots.last_weeks,
        coalesce(lots.doses, {{ no_doses() }}) as doses,
        frame.opening_backlog
    from {{ ref('int_plan__frame') }} as frame
    left join lots on frame.therapy_code = lots.therapy_code and frame.site_id = lots.site_id
    where frame.week_no = 0
),

plan as (
    select
        therapy_code,
        site_id,
        -1 as week_no,
        first_weeks,
        last_weeks,
        cast(0.0 as double) as backlog_in,
        {{ no_doses() }} as usable,
        cast(0.0 as double) as vector_doses,
        cast(0.0 as double) as served,
        cast(opening_backlog as double) as waiting,
        doses as remaining
    from opening
    union all
    select
        decided.therapy_code,
        decided.site_id,
        decided.week_no,
        decided.first_weeks,
        decided.last_weeks,
        decided.backlog_in,
        decided.usable,
        decided.vector_doses,
        decided.served,
        -- Plus zero: without it an empty queue may read -0.0.
        greatest(round(decided.backlog_in + decided.demand - decided.served, 6), 0.0) + 0.0 as waiting,
        {{ doses_left('decided.remaining', 'decided.usable', 'decided.served * decided.doses_per_batch') }} as remaining
    from (
        select
            stocked.*,
            greatest(round(least(
                stocked.backlog_in + stocked.demand, stocked.perishable_capacity, stocked.vector_doses / stocked.doses_per_batch
            ), 6), 0.0) as served
        from (
            select
                counted.*,
                {{ doses_sum('counted.usable') }} as vector_doses
            from (
                select
                    frame.therapy_code,
                    frame.site_id,
                    frame.week_no,
                    frame.demand,
                    frame.perishable_capacity,
                    frame.doses_per_batch,
                    plan.first_weeks,
                    plan.last_weeks,
                    plan.waiting as backlog_in,
                    plan.remaining,
                    {{ doses_usable('plan.remaining', 'plan.first_weeks', 'plan.last_weeks', 'frame.week_no') }} as usable
                from plan
                inner join {{ ref('int_plan__frame') }} as frame
                    on plan.therapy_code = frame.therapy_code and plan.site_id = frame.site_id and plan.week_no + 1 = frame.week_no
            ) as counted
        ) as stocked
    ) as decided
)

select therapy_code, site_id, week_no, backlog_in, vector_doses, served, waiting, usable, remaining
from plan
where week_no >= 0
