-- Quota and pro rata: each hospital has a share of the plant's starts of a week (its quota; or its part of the forecast over the plan). What a
-- hospital does not use goes back to the common pool, and the pool is shared among those who still wait, in proportion to how many wait.
-- The plant's total is the same under every rule. The hospitals of a plant travel through the weeks as lists, each at its place.
with recursive hospitals as (
    select * from {{ ref('int_plan__hospital_weeks') }} where allocation_rule in ('quota', 'pro_rata')
),

places as (
    select
        hospital_id,
        therapy_code,
        site_id,
        cast(max(share) as double) as share,
        row_number() over (partition by therapy_code, site_id order by hospital_id) as place
    from hospitals
    group by 1, 2, 3
),

-- The plant's queue begins at week 0, also for a hospital that joins later.
came as (
    select
        places.therapy_code,
        places.site_id,
        weeks.week_no,
        places.place,
        cast(coalesce(hospitals.demand + hospitals.opening_backlog, 0.0) as double) as patients,
        cast(coalesce(hospitals.prior_starts, 0.0) as double) as prior_starts
    from places
    cross join {{ ref('int_plan__weeks') }} as weeks
    left join hospitals
        on places.hospital_id = hospitals.hospital_id
        and places.therapy_code = hospitals.therapy_code
        and places.site_id = hospitals.site_id
        and weeks.week_no = hospitals.week_no
),

plants as (
    select
        came.therapy_code,
        came.site_id,
        came.week_no,
        frame.failure_pct / 100.0 as failure,
        frame.remake_lag_weeks,
        served.served,
        {{ list_by('came.patients', 'came.place') }} as came,
        {{ list_by('came.prior_starts', 'came.place') }} as prior_starts
    from came
    inner join {{ ref('int_plan__frame') }} as frame
        on came.therapy_code = frame.therapy_code and came.site_id = frame.site_id and came.week_no = frame.week_no
    inner join {{ ref('int_plan__served') }} as served
        on came.therapy_code = served.therapy_code and came.site_id = served.site_id and came.week_no = served.week_no
    group by 1, 2, 3, 4, 5, 6
),

shares as (
    select therapy_code, site_id, {{ list_by('share', 'place') }} as shares from places group by 1, 2
),

under_way as (
    select therapy_code, site_id, {{ list_by('prior_starts', 'week_no') }} as under_way
    from plants
    where week_no < remake_lag_weeks
    group by 1, 2
),

plan as (
    select
        shares.therapy_code,
        shares.site_id,
        shares.shares,
        -1 as week_no,
        {{ shares_nobody('shares.shares') }} as remake,
        {{ shares_nobody('shares.shares') }} as served,
        {{ shares_nobody('shares.shares') }} as waiting,
        under_way.under_way
    from shares
    inner join under_way on shares.therapy_code = under_way.therapy_code and shares.site_id = under_way.site_id
    union all
    select
        therapy_code,
        site_id,
        shares,
        week_no,
        {{ shares_queue(shares_nobody('queue'), shares_nobody('queue'), 'began', 'failure') }} as remake,
        started as served,
        {{ shares_left('queue', 'started') }} as waiting,
        {{ queue_pushed('under_way', 'started') }} as under_way
    from (
        select
            used.*,
            {{ shares_starts('used.queue', 'used.own', 'used.pool', 'used.waiting_for_it') }} as started
        from (
            select
                owned.*,
                owned.served - {{ list_total('owned.own') }} as pool,
                {{ list_total('owned.queue') }} - {{ list_total('owned.own') }} as waiting_for_it
            from (
                select
                    asked.*,
                    {{ shares_own('asked.queue', 'asked.shares', 'asked.served') }} as own
                from (
                    select
                        plan.therapy_code,
                        plan.site_id,
                        plan.shares,
                        plants.week_no,
                        plants.served,
                        plants.failure,
                        plan.under_way,
                        {{ element_at('plan.under_way', 1) }} as began,
                        {{ shares_queue('plan.waiting', 'plants.came', element_at('plan.under_way', 1), 'plants.failure') }} as queue
                    from plan
                    inner join plants
                        on plan.therapy_code = plants.therapy_code and plan.site_id = plants.site_id and plan.week_no + 1 = plants.week_no
                ) as asked
            ) as owned
        ) as used
    ) as shared
)

select
    places.hospital_id,
    plan.therapy_code,
    plan.site_id,
    plan.week_no,
    {{ element_at('plan.remake', 'places.place') }} as remake,
    {{ element_at('plan.served', 'places.place') }} as served
from plan
inner join places on plan.therapy_code = places.therapy_code and plan.site_id = places.site_id
where plan.week_no >= 0
