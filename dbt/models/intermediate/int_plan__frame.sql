-- Demand and perishable capacity side by side, per therapy, plant and week of start.
with hospitals as (
    select
        therapy_code,
        site_id,
        week_no,
        round(sum(demand), 6) as demand,
        round(sum(opening_backlog), 6) as opening_backlog,
        -- One hospital whose figure nobody has stated leaves the sum unknown, and an unknown resource does not limit.
        case when count(chair_capacity) = count(*) then round(sum(chair_capacity), 6) end as chair_capacity,
        case when count(bed_capacity) = count(*) then round(sum(bed_capacity), 6) end as bed_capacity,
        case when count(courier_capacity) = count(*) then round(sum(courier_capacity), 6) end as courier_capacity,
        max(lead_time_days) as lead_time_days,
        max(infusion_week_start_date) as infusion_week_start_date,
        {{ all_ids('submission_ids') }} as demand_ids,
        {{ all_ids('capacity_submission_ids') }} as capacity_ids
    from {{ ref('int_plan__hospital_capacity') }}
    group by 1, 2, 3
),

therapies as (
    select * from {{ ref('stg_therapy') }} where is_current
),

pairs as (
    select distinct therapy_code, site_id from hospitals
    union
    select distinct therapy_code, site_id from {{ ref('int_plan__slots') }}
    where week_start_date >= {{ planning_week() }}
),

slots as (
    select * from {{ ref('int_plan__slots') }}
)

select
    pairs.therapy_code,
    pairs.site_id,
    weeks.week_no,
    weeks.week_start_date,
    weeks.iso_week,
    therapies.vector_code,
    therapies.doses_per_batch,
    coalesce(hospitals.demand, 0.0) as demand,
    coalesce(hospitals.opening_backlog, 0.0) as opening_backlog,
    coalesce(slots.slots, 0.0) as slots,
    hospitals.courier_capacity,
    hospitals.chair_capacity,
    hospitals.bed_capacity,
    least(
        coalesce(slots.slots, 0.0),
        coalesce(hospitals.courier_capacity, slots.slots, 0.0),
        coalesce(hospitals.chair_capacity, slots.slots, 0.0),
        coalesce(hospitals.bed_capacity, slots.slots, 0.0)
    ) as perishable_capacity,
    hospitals.lead_time_days,
    coalesce(
        hospitals.infusion_week_start_date,
        {{ week_start(add_days(
            'weeks.week_start_date',
            'therapies.manufacture_days + therapies.qc_days + therapies.return_days + ' ~ var('bed_wait_days')
        )) }}
    ) as infusion_week_start_date,
    {{ union_ids(
        lists=['hospitals.demand_ids', 'hospitals.capacity_ids', 'slots.submission_ids'], singles=['therapies.submission_id']
    ) }} as submission_ids
from pairs
cross join {{ ref('int_plan__weeks') }} as weeks
inner join therapies on pairs.therapy_code = therapies.therapy_code
left join hospitals
    on pairs.therapy_code = hospitals.therapy_code and pairs.site_id = hospitals.site_id and weeks.week_no = hospitals.week_no
left join slots
    on pairs.therapy_code = slots.therapy_code and pairs.site_id = slots.site_id and weeks.week_start_date = slots.week_start_date
