-- What a plant may use up for a therapy, lot by lot: doses of vector (supply_code vector) and quantities of raw material (supply_code: the
-- item), and the weeks of the plan in which it may use them. A lot counts in a week when it is usable on every day of that week. Planned
-- runs of vector count with their doses times their probability.
with inventory as (
    select * from {{ ref('stg_vector_inventory') }} where is_current
),

allocations as (
    select * from {{ ref('stg_vector_allocation') }} where is_current
),

runs as (
    select * from {{ ref('stg_vector_supply_plan') }} where is_current and planned_release_date > {{ planning_date() }}
),

supplied as (
    select
        allocations.therapy_code,
        allocations.site_id,
        inventory.gtin,
        inventory.lot_code,
        allocations.allocation_id as source_id,
        allocations.doses,
        greatest(
            allocations.week_start_date, coalesce(inventory.release_actual_date, inventory.release_planned_date, allocations.week_start_date)
        ) as usable_from_date,
        inventory.expiry_date,
        {{ union_ids(singles=['allocations.submission_id', 'inventory.submission_id']) }} as submission_ids
    from allocations
    inner join inventory on allocations.gtin = inventory.gtin and allocations.lot_code = inventory.lot_code
    where inventory.status in ('released', 'in_qc', 'quarantine', 'expired')
),

-- No feed says which lot a batch took, nor what was wasted. Starts before the plan are taken from the supply of their plant and therapy, first expiry first out.
started as (
    select batches.therapy_code, batches.site_id, count(*) * min(therapies.doses_per_batch) as doses
    from {{ ref('int_batches__attempts') }} as batches
    inner join {{ ref('stg_therapy') }} as therapies on batches.therapy_code = therapies.therapy_code and therapies.is_current
    inner join (select therapy_code, site_id, min(usable_from_date) as first_date from supplied group by 1, 2) as supply
        on batches.therapy_code = supply.therapy_code and batches.site_id = supply.site_id
    where
        batches.manufacture_start_at >= {{ as_timestamp('supply.first_date') }}
        and batches.manufacture_start_at < {{ as_timestamp(planning_week()) }}
    group by 1, 2
),

stacked as (
    select
        supplied.*,
        sum(supplied.doses) over (
            partition by supplied.therapy_code, supplied.site_id order by supplied.expiry_date, supplied.usable_from_date, supplied.source_id
            rows unbounded preceding
        ) as doses_until
    from supplied
),

allocated as (
    select
        stacked.therapy_code,
        stacked.site_id,
        stacked.gtin,
        stacked.lot_code,
        stacked.source_id,
        round(least(stacked.doses, greatest(stacked.doses_until - coalesce(started.doses, 0.0), 0.0)), 6) as doses,
        stacked.usable_from_date,
        stacked.expiry_date,
        stacked.submission_ids
    from stacked
    left join started on stacked.therapy_code = started.therapy_code and stacked.site_id = started.site_id
),

-- Who needs a vector, and for what share of the demand over the horizon.
users as (
    select
        vector_code,
        therapy_code,
        site_id,
        {{ total('demand') }} as demand,
        {{ total('sum(demand)', over='(partition by vector_code)') }} as vector_demand,
        count(*) over (partition by vector_code) as vector_users
    from {{ ref('int_plan__hospital_demand') }}
    group by 1, 2, 3
),

planned as (
    select
        users.therapy_code,
        users.site_id,
        cast(null as {{ dbt.type_string() }}) as gtin,
        cast(null as {{ dbt.type_string() }}) as lot_code,
        runs.run_id as source_id,
        round(
            runs.doses * runs.probability
            * case when users.vector_demand > 0 then users.demand / users.vector_demand else 1.0 / users.vector_users end, 6
        ) as doses,
        runs.planned_release_date as usable_from_date,
        cast(null as date) as expiry_date,
        {{ union_ids(singles=['runs.submission_id']) }} as submission_ids
    from runs
    inner join users on runs.vector_code = users.vector_code
    -- A run that has become a lot is counted as that lot.
    left join inventory on runs.vector_code = inventory.vector_code and replace(runs.run_id, 'RUN-', '') = inventory.lot_code
    where inventory.lot_code is null
),

all_kinds as (
    select
        'vector' as supply_code,
        supplied.*,
        therapies.doses_per_batch as use_per_start,
        cast(null as integer) as limits_until_week
    from (select * from allocated union all select * from planned) as supplied
    inner join {{ ref('int_plan__therapies') }} as therapies on supplied.therapy_code = therapies.therapy_code
    union all
    select
        item_code as supply_code,
        therapy_code,
        site_id,
        cast(null as {{ dbt.type_string() }}) as gtin,
        cast(null as {{ dbt.type_string() }}) as lot_code,
        lot_code as source_id,
        quantity as doses,
        {{ planning_week() }} as usable_from_date,
        expiry_date,
        submission_ids,
        use_per_start,
        limits_until_week
    from {{ ref('int_plan__materials') }}
),

-- Lots that a decision in force brings forward, for every therapy and plant that uses them.
expedited as (
    select
        lot_id,
        min(to_week_no) as to_week_no,
        {{ all_ids('submission_ids') }} as submission_ids
    from {{ ref('int_decisions__in_force') }}
    where option_code = 'expedite_lot'
    group by 1
),

framed as (
    select
        all_kinds.therapy_code,
        all_kinds.site_id,
        all_kinds.supply_code,
        all_kinds.gtin,
        all_kinds.lot_code,
        all_kinds.source_id,
        all_kinds.doses,
        all_kinds.use_per_start,
        all_kinds.limits_until_week,
        all_kinds.usable_from_date,
        all_kinds.expiry_date,
        -- First Monday on or after the day it becomes usable; last week whose Sunday is not after the expiry.
        least(
            cast(ceil({{ date_days(planning_week(), 'usable_from_date') }} / 7.0) as integer),
            coalesce(by_source.to_week_no, {{ var('horizon_weeks') }}),
            coalesce(by_lot.to_week_no, {{ var('horizon_weeks') }})
        ) as first_week_no,
        cast(ceil({{ date_days(planning_week(), 'usable_from_date') }} / 7.0) as integer) as stated_first_week_no,
        coalesce(
            cast(floor(({{ date_days(planning_week(), 'expiry_date') }} + 1) / 7.0) as integer) - 1, {{ var('horizon_weeks') }}
        ) as last_week_no,
        {{ union_ids(lists=['all_kinds.submission_ids', 'by_source.submission_ids', 'by_lot.submission_ids']) }} as submission_ids
    from all_kinds
    left join expedited as by_source on all_kinds.source_id = by_source.lot_id
    left join expedited as by_lot on all_kinds.lot_code = by_lot.lot_id and all_kinds.lot_code <> all_kinds.source_id
)

select
    therapy_code,
    site_id,
    supply_code,
    gtin,
    lot_code,
    source_id,
    doses,
    use_per_start,
    limits_until_week,
    usable_from_date,
    expiry_date,
    first_week_no,
    stated_first_week_no,
    last_week_no,
    -- First expiry first out; a planned run has no expiry inside the horizon.
    row_number() over (
        partition by therapy_code, site_id, supply_code
        order by last_week_no, coalesce(expiry_date, cast('9999-12-31' as date)), first_week_no, source_id
    ) as use_order,
    submission_ids
from framed
-- An item that is reported as used up stays: it limits.
where supply_code <> 'vector' or (doses > 0 and last_week_no >= 0 and first_week_no < {{ var('horizon_weeks') }})
