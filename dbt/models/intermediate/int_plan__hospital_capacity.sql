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

lanes as (
    select * from {{ ref('stg_lane') }} where is_current
),

closures as (
    select * from {{ ref('stg_calendar') }} where is_current and event_kind = 'airport_closure'
),

collection_weeks as (
    select distinct lane_id, collection_week_start_date from demand where lane_id is not null
),

week_days as (
    select collection_weeks.lane_id, collection_weeks.collection_week_start_date, {{ add_days('collection_weeks.collection_week_start_date', 'week_no') }} as day
    from collection_weeks
    cross join ({{ numbers(7) }}) as days
),

-- An airport that is closed stops what flies; lorries drive on.
lane_weeks as (
    select
        week_days.lane_id,
        week_days.collection_week_start_date,
        lanes.weekly_capacity_shipments * (7 - count(distinct case when closures.event_id is not null then week_days.day end)) / 7.0 as shipments,
        {{ ids('closures.submission_id') }} as closure_ids,
        min(lanes.submission_id) as lane_submission_id
    from week_days
    inner join lanes on week_days.lane_id = lanes.lane_id
    left join closures
        on lanes.mode = 'air'
        and week_days.day between closures.start_date and closures.end_date
        and (closures.site_id is null or closures.site_id in (lanes.from_site_id, lanes.to_site_id))
    group by week_days.lane_id, week_days.collection_week_start_date, lanes.weekly_capacity_shipments
)

select
    demand.*,
    round(chairs.patients * demand.hospital_share, 6) as chair_capacity,
    round(beds.patients * demand.hospital_share, 6) as bed_capacity,
    round(lane_weeks.shipments * demand.lane_share, 6) as courier_capacity,
    {{ union_ids(
        lists=['chairs.submission_ids', 'beds.submission_ids', 'lane_weeks.closure_ids'], singles=['lane_weeks.lane_submission_id']
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
left join lane_weeks
    on demand.lane_id = lane_weeks.lane_id and demand.collection_week_start_date = lane_weeks.collection_week_start_date
