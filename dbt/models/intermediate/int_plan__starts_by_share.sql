-- Quota and pro rata: each hospital has a share of the plant's starts of a week (its quota; or its part of the forecast over the plan). What a
-- hospital does not use goes back to the common pool, and the pool is shared among those who still wait, in proportion to how many wait.
-- The plant's total is the same under every rule.
with recursive hospitals as (
    select * from {{ ref('int_plan__hospital_weeks') }} where allocation_rule in ('quota', 'pro_rata')
),

plants as (
    select
        frame.therapy_code,
        frame.site_id,
        frame.week_no,
        frame.failure_pct,
        frame.remake_lag_weeks,
        served.served as plant_served
    from {{ ref('int_plan__frame') }} as frame
    inner join {{ ref('int_plan__served') }} as served
        on frame.therapy_code = served.therapy_code and frame.site_id = served.site_id and frame.week_no = served.week_no
),

lags as (
    select therapy_code, site_id, remake_lag_weeks from plants where week_no = 0
),

pairs as (
    select distinct hospital_id, therapy_code, site_id from hospitals
),

-- The plant's queue begins at week 0, also for a hospital that joins later.
prior_weeks as (
    select
        pairs.hospital_id,
        pairs.therapy_code,
        pairs.site_id,
        weeks.week_no,
        coalesce(hospitals.prior_starts, 0.0) as prior_starts
    from pairs
    inner join lags on pairs.therapy_code = lags.therapy_code and pairs.site_id = lags.site_id
    inner join {{ ref('int_plan__weeks') }} as weeks on weeks.week_no < lags.remake_lag_weeks
    left join hospitals
        on pairs.hospital_id = hospitals.hospital_id
        and pairs.therapy_code = hospitals.therapy_code
        and pairs.site_id = hospitals.site_id
        and weeks.week_no = hospitals.week_no
),

under_way as (
    select hospital_id, therapy_code, site_id, {{ list_by_week('prior_starts') }} as under_way
    from prior_weeks
    group by 1, 2, 3
),

plan as (
    select
        hospital_id,
        therapy_code,
        site_id,
        -1 as week_no,
        cast(0.0 as double) as remake,
        cast(0.0 as double) as served,
        cast(0.0 as double) as waiting,
        under_way
    from under_way
    union all
    select
        shared.hospital_id,
        shared.therapy_code,
        shared.site_id,
        shared.week_no,
        shared.remake,
        shared.own + shared.pool_part as served,
        shared.queue - shared.own - shared.pool_part as waiting,
        {{ queue_pushed('shared.under_way', 'shared.own + shared.pool_part') }} as under_way
    from (
        select
            used.*,
            coalesce(
                (used.plant_served - sum(used.own) over plant)
                * (used.queue - used.own) / nullif(sum(used.queue - used.own) over plant, 0.0), 0.0
            ) as pool_part
        from (
            select
                asked.*,
                least(asked.queue, asked.plant_served * asked.share) as own
            from (
                select
                    plan.hospital_id,
                    plan.therapy_code,
                    plan.site_id,
                    plants.week_no,
                    plants.plant_served,
                    plan.under_way,
                    coalesce(hospitals.share, 0.0) as share,
                    {{ element_at('plan.under_way', 1) }} * plants.failure_pct / 100.0 as remake,
                    plan.waiting + coalesce(hospitals.demand, 0.0) + coalesce(hospitals.opening_backlog, 0.0)
                    + {{ element_at('plan.under_way', 1) }} * plants.failure_pct / 100.0 as queue
                from plan
                inner join plants
                    on plan.therapy_code = plants.therapy_code and plan.site_id = plants.site_id and plan.week_no + 1 = plants.week_no
                left join hospitals
                    on plan.hospital_id = hospitals.hospital_id
                    and plan.therapy_code = hospitals.therapy_code
                    and plan.site_id = hospitals.site_id
                    and plants.week_no = hospitals.week_no
            ) as asked
        ) as used
        -- In one order, so that the sums come out the same to the last digit.
        window plant as (
            partition by used.therapy_code, used.site_id order by used.hospital_id rows between unbounded preceding and unbounded following
        )
    ) as shared
)

select hospital_id, therapy_code, site_id, week_no, remake, served
from plan
where week_no >= 0
