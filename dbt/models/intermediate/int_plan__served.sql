-- The plan, week by week: who waits, who starts, and what is left of each lot of vector and raw material (first expiry first out).
--   remake_t  = failure share x start_{t-lag}: first passes that fail come again when quality control is over
--   start_t   = least of (waiting_{t-1} + demand_t + remake_t, perishable capacity_t, usable stock_t / use per start of every supply)
--   waiting_t = waiting_{t-1} + demand_t + remake_t - start_t
-- Nobody is dropped: who cannot start waits for the next week.
with recursive frame as (
    select * from {{ ref('int_plan__frame') }}
),

lots as (
    {{ lots_in_rows(ref('int_plan__lots')) }}
),

-- The vector limits where anyone has stated it; a raw material where it is reported, and only until a new order can be there.
supplies as (
    select
        therapy_code,
        site_id,
        'vector' as supply_code,
        doses_per_batch as use_per_start,
        case when coalesce(is_vector_stated, true) then {{ var('horizon_weeks') }} else 0 end as until_week,
        0 as kind
    from frame
    where week_no = 0
    union all
    select therapy_code, site_id, supply_code, min(use_per_start), min(coalesce(limits_until_week, {{ var('horizon_weeks') }})), 1 as kind
    from {{ ref('int_plan__lots') }}
    where supply_code <> 'vector'
    group by 1, 2, 3
),

numbered as (
    select
        supplies.*,
        row_number() over (partition by supplies.therapy_code, supplies.site_id order by supplies.kind, supplies.supply_code) as supply_no,
        coalesce(lots.doses, {{ no_doses() }}) as doses,
        lots.first_weeks,
        lots.last_weeks
    from supplies
    left join lots
        on supplies.therapy_code = lots.therapy_code and supplies.site_id = lots.site_id and supplies.supply_code = lots.supply_code
),

stock as (
    {{ supplies_in_rows('numbered', ['supply_code', 'use_per_start', 'until_week', 'doses', 'first_weeks', 'last_weeks']) }}
),

-- What began before the plan and may come again, by the week in which it would.
under_way as (
    select therapy_code, site_id, {{ list_by_week('prior_starts') }} as under_way
    from frame
    where week_no < remake_lag_weeks
    group by 1, 2
),

plan as (
    select
        frame.therapy_code,
        frame.site_id,
        -1 as week_no,
        cast(0.0 as double) as backlog_in,
        cast(0.0 as double) as remake,
        {{ no_doses() }} as limits,
        cast(0.0 as double) as vector_doses,
        cast(0.0 as double) as served,
        cast(frame.opening_backlog as double) as waiting,
        under_way.under_way,
        stock.doses as remaining
    from frame
    inner join stock on frame.therapy_code = stock.therapy_code and frame.site_id = stock.site_id
    inner join under_way on frame.therapy_code = under_way.therapy_code and frame.site_id = under_way.site_id
    where frame.week_no = 0
    union all
    select
        decided.therapy_code,
        decided.site_id,
        decided.week_no,
        decided.backlog_in,
        decided.remake,
        decided.limits,
        decided.vector_doses,
        decided.served,
        -- Plus zero: without it an empty queue may read -0.0.
        greatest(round(decided.backlog_in + decided.demand + decided.remake - decided.served, 6), 0.0) + 0.0 as waiting,
        {{ queue_pushed('decided.under_way', 'decided.served') }} as under_way,
        {{ supplies_left('decided.remaining', 'decided.usable', 'decided.use_per_start', 'decided.served') }} as remaining
    from (
        select
            limited.*,
            case when {{ element_at('limited.limits', 1) }} is not null then {{ doses_sum(element_at('limited.usable', 1)) }} end as vector_doses,
            greatest(round(least(
                limited.backlog_in + limited.demand + limited.remake, limited.perishable_capacity, {{ list_least('limited.limits') }}
            ), 6), 0.0) as served
        from (
            select
                counted.*,
                {{ supplies_starts('counted.usable', 'counted.use_per_start', 'counted.until_week', 'counted.week_no') }} as limits
            from (
                select
                    frame.therapy_code,
                    frame.site_id,
                    frame.week_no,
                    frame.demand,
                    frame.perishable_capacity,
                    stock.use_per_start,
                    stock.until_week,
                    plan.waiting as backlog_in,
                    round({{ element_at('plan.under_way', 1) }} * frame.failure_pct / 100.0, 6) as remake,
                    plan.under_way,
                    plan.remaining,
                    {{ supplies_usable('plan.remaining', 'stock.first_weeks', 'stock.last_weeks', 'frame.week_no') }} as usable
                from plan
                inner join frame
                    on plan.therapy_code = frame.therapy_code and plan.site_id = frame.site_id and plan.week_no + 1 = frame.week_no
                inner join stock on plan.therapy_code = stock.therapy_code and plan.site_id = stock.site_id
            ) as counted
        ) as limited
    ) as decided
),

named as (
    select
        plan.*,
        {{ without_first('plan.limits') }} as material_limits,
        {{ without_first('stock.supply_code') }} as material_codes
    from plan
    inner join stock on plan.therapy_code = stock.therapy_code and plan.site_id = stock.site_id
    where plan.week_no >= 0
)

select
    therapy_code,
    site_id,
    week_no,
    backlog_in,
    remake,
    vector_doses,
    round({{ element_at('limits', 1) }}, 6) as vector_starts,
    round({{ list_least('material_limits') }}, 6) as material_starts,
    case
        when {{ list_least('material_limits') }} is not null
            then {{ element_at('material_codes', place_of('material_limits', list_least('material_limits'))) }}
    end as material_code,
    served,
    waiting,
    {{ element_at('remaining', 1) }} as remaining
from named
