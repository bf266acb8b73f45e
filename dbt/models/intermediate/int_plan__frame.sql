-- Demand and perishable capacity side by side, per therapy, plant and week of start, with what decisions in force move and add. With
-- int_plan__lots it is all that the recursion reads.
with hospitals as (
    select
        therapy_code,
        site_id,
        week_no,
        round(sum(demand), 6) as demand,
        round(sum(forecast_gross), 6) as forecast_gross,
        round(sum(forecast_latest), 6) as forecast_latest,
        round(sum(forecast_net), 6) as forecast_net,
        sum(bookings) as bookings,
        round(sum(opening_backlog), 6) as opening_backlog,
        sum(prior_starts) as prior_starts,
        max(case when is_frozen then 1 else 0 end) = 1 as is_frozen,
        -- One hospital whose figure nobody has stated leaves the sum unknown, and an unknown resource does not limit.
        case when count(chair_capacity) = count(*) then round(sum(chair_capacity), 6) end as chair_capacity,
        case when count(bed_capacity) = count(*) then round(sum(bed_capacity), 6) end as bed_capacity,
        case when count(courier_capacity) = count(*) then round(sum(courier_capacity), 6) end as courier_capacity,
        case when count(container_capacity) = count(*) then round(sum(container_capacity), 6) end as container_capacity,
        max(lead_time_days) as lead_time_days,
        max(infusion_week_start_date) as infusion_week_start_date,
        {{ all_ids('submission_ids') }} as demand_ids,
        {{ all_ids('capacity_submission_ids') }} as capacity_ids
    from {{ ref('int_plan__hospital_capacity') }}
    group by 1, 2, 3
),

therapies as (
    select * from {{ ref('int_plan__therapies') }}
),

moves as (
    select
        therapy_code,
        site_id,
        week_no,
        sum(patients) as patients,
        sum(case when patients < 0 then patients else 0.0 end) as patients_away
    from {{ ref('int_decisions__moves') }}
    group by 1, 2, 3
),

added as (
    select
        therapy_code,
        site_id,
        week_no
        {%- for resource in ['slot', 'courier', 'chair', 'bed', 'container'] %},
        sum(case when resource = '{{ resource }}' then quantity else 0.0 end) as {{ resource }}s
        {%- endfor %}
    from {{ ref('int_decisions__capacities') }}
    group by 1, 2, 3
),

-- A decision shows in every week of its plants from its own on: who starts elsewhere does not wait here any more.
touched as (
    select therapy_code, site_id, week_no, submission_ids from {{ ref('int_decisions__moves') }}
    union all
    select therapy_code, site_id, week_no, submission_ids from {{ ref('int_decisions__capacities') }}
),

decided as (
    select
        touched.therapy_code,
        touched.site_id,
        weeks.week_no,
        {{ all_ids('touched.submission_ids') }} as submission_ids
    from touched
    inner join {{ ref('int_plan__weeks') }} as weeks on touched.week_no <= weeks.week_no
    group by 1, 2, 3
),

-- What nobody states does not limit: the vector limits a therapy once anyone has stated a lot, a run or an allocation of it.
stated_vectors as (
    select therapies.therapy_code
    from therapies
    where
        therapies.vector_code in (select vector_code from {{ ref('stg_vector_inventory') }} where is_current)
        or therapies.vector_code in (select vector_code from {{ ref('stg_vector_supply_plan') }} where is_current)
        or therapies.therapy_code in (select therapy_code from {{ ref('stg_vector_allocation') }} where is_current)
),

pairs as (
    select distinct therapy_code, site_id from hospitals
    union
    select distinct therapy_code, site_id from moves
    union
    select distinct therapy_code, site_id from {{ ref('int_plan__slots') }}
    where week_start_date >= {{ planning_week() }}
),

slots as (
    select * from {{ ref('int_plan__slots') }}
),

joined as (
    select
        pairs.therapy_code,
        pairs.site_id,
        weeks.week_no,
        weeks.week_start_date,
        weeks.iso_week,
        therapies.vector_code,
        stated_vectors.therapy_code is not null as is_vector_stated,
        therapies.doses_per_batch,
        therapies.failure_pct,
        therapies.remake_lag_weeks,
        coalesce(hospitals.forecast_gross, 0.0) as forecast_gross,
        coalesce(hospitals.forecast_latest, 0.0) as forecast_latest,
        coalesce(hospitals.forecast_net, 0.0) as forecast_net,
        coalesce(hospitals.bookings, 0.0) as bookings,
        greatest(round(coalesce(hospitals.demand, 0.0) + coalesce(moves.patients, 0.0), 6), 0.0) as demand,
        greatest(round(coalesce(hospitals.demand, 0.0) + coalesce(moves.patients_away, 0.0), 6), 0.0) as movable_demand,
        coalesce(hospitals.opening_backlog, 0.0) as opening_backlog,
        coalesce(hospitals.prior_starts, 0.0) as prior_starts,
        coalesce(hospitals.is_frozen, false) as is_frozen,
        greatest(coalesce(slots.slots, 0.0) + coalesce(added.slots, 0.0), 0.0) as slots,
        {%- for resource in ['courier', 'container', 'chair', 'bed'] %}
        case
            when hospitals.{{ resource }}_capacity is not null
                then greatest(round(hospitals.{{ resource }}_capacity + coalesce(added.{{ resource }}s, 0.0), 6), 0.0)
        end as {{ resource }}_capacity,
        {%- endfor %}
        hospitals.lead_time_days,
        coalesce(
            hospitals.infusion_week_start_date,
            {{ week_start(add_days(
                'weeks.week_start_date',
                'therapies.manufacture_days + therapies.qc_days + therapies.return_days + ' ~ var('bed_wait_days')
            )) }}
        ) as infusion_week_start_date,
        {{ union_ids(lists=[
            'hospitals.demand_ids', 'hospitals.capacity_ids', 'slots.submission_ids', 'therapies.submission_ids', 'decided.submission_ids'
        ]) }} as submission_ids
    from pairs
    cross join {{ ref('int_plan__weeks') }} as weeks
    inner join therapies on pairs.therapy_code = therapies.therapy_code
    left join hospitals
        on pairs.therapy_code = hospitals.therapy_code and pairs.site_id = hospitals.site_id and weeks.week_no = hospitals.week_no
    left join slots
        on pairs.therapy_code = slots.therapy_code and pairs.site_id = slots.site_id and weeks.week_start_date = slots.week_start_date
    left join stated_vectors on pairs.therapy_code = stated_vectors.therapy_code
    left join moves
        on pairs.therapy_code = moves.therapy_code and pairs.site_id = moves.site_id and weeks.week_no = moves.week_no
    left join added
        on pairs.therapy_code = added.therapy_code and pairs.site_id = added.site_id and weeks.week_no = added.week_no
    left join decided
        on pairs.therapy_code = decided.therapy_code and pairs.site_id = decided.site_id and weeks.week_no = decided.week_no
)

select
    joined.*,
    least(
        slots,
        coalesce(courier_capacity, slots),
        coalesce(container_capacity, slots),
        coalesce(chair_capacity, slots),
        coalesce(bed_capacity, slots)
    ) as perishable_capacity
from joined
