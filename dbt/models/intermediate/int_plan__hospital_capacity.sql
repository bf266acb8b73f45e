-- The perishable resources of a hospital and its lane in the frame of manufacturing starts. Null: nobody has stated it, so it does not limit.
with demand as (
    select * from {{ ref('int_plan__hospital_demand') }}
),

stated as (
    select
        hospital_id,
        resource,
        {{ week_start('capacity_date') }} as week_start_date,
        cast(sum(capacity - reserved - blocked) as double) as patients,
        {{ ids('submission_id') }} as submission_ids
    from {{ ref('stg_infusion_capacity') }}
    where is_current and resource in ('chair', 'bed')
    group by 1, 2, 3
),

closed as (
    select
        lane_id,
        {{ week_start('day') }} as week_start_date,
        count(*) as days,
        {{ all_ids('submission_ids') }} as submission_ids
    from {{ ref('int_plan__lane_days') }}
    group by 1, 2
),

lanes as (
    select * from {{ ref('stg_lane') }} where is_current
)

select
    demand.*,
    round(chairs.patients * demand.hospital_share, 6) as chair_capacity,
    round(beds.patients * demand.hospital_share, 6) as bed_capacity,
    round(lanes.weekly_capacity_shipments * (7 - coalesce(closed.days, 0)) / 7.0 * demand.lane_share, 6) as courier_capacity,
    containers.container_capacity,
    {{ union_ids(
        lists=['chairs.submission_ids', 'beds.submission_ids', 'closed.submission_ids', 'containers.submission_ids'],
        singles=['lanes.submission_id']
    ) }} as capacity_submission_ids
from demand
left join stated as chairs
    on demand.hospital_id = chairs.hospital_id
    and chairs.resource = 'chair'
    and demand.collection_week_start_date = chairs.week_start_date
left join stated as beds
    on demand.hospital_id = beds.hospital_id
    and beds.resource = 'bed'
    and demand.infusion_week_start_date = beds.week_start_date
left join lanes on demand.lane_id = lanes.lane_id
left join closed on demand.lane_id = closed.lane_id and demand.collection_week_start_date = closed.week_start_date
left join {{ ref('int_plan__containers') }} as containers
    on demand.hospital_id = containers.hospital_id
    and demand.therapy_code = containers.therapy_code
    and demand.site_id = containers.site_id
