-- Journeys a week that a courier's containers allow each hospital, therapy and plant: those in use or free whose measured hold outlasts the
-- lane, each as often as the journey and its return and recharge fit into a week. Cells travel at 2-8 °C when fresh, else frozen like
-- the product; what uses the same containers shares them by demand. Of the two ways, the scarcer one counts.
with demand as (
    select distinct hospital_id, therapy_code, site_id, courier_partner_id, lane_id, transit_hours, link_demand
    from {{ ref('int_plan__hospital_demand') }}
),

therapies as (
    select * from {{ ref('int_plan__therapies') }}
),

lanes as (
    select * from {{ ref('stg_lane') }} where is_current
),

containers as (
    select * from {{ ref('stg_container') }} where is_current
),

journeys as (
    select
        demand.*,
        'in' as leg,
        case when therapies.material_state = 'fresh' then '2-8' else 'cryo' end as temperature_band,
        demand.transit_hours as hours
    from demand
    inner join therapies on demand.therapy_code = therapies.therapy_code
    where demand.lane_id is not null
    union all
    select
        demand.*,
        'out' as leg,
        'cryo' as temperature_band,
        min(lanes.transit_hours_p90 + lanes.customs_hours) as hours
    from demand
    inner join lanes
        on demand.site_id = lanes.from_site_id
        and demand.hospital_id = lanes.to_site_id
        and demand.courier_partner_id = lanes.courier_partner_id
    group by 1, 2, 3, 4, 5, 6, 7
),

shared as (
    select
        journeys.*,
        coalesce(
            journeys.link_demand / nullif({{ total('journeys.link_demand', over='(partition by courier_partner_id, temperature_band)') }}, 0.0),
            1.0 / count(*) over (partition by courier_partner_id, temperature_band)
        ) as share
    from journeys
),

fleets as (
    select
        shared.hospital_id,
        shared.therapy_code,
        shared.site_id,
        shared.leg,
        shared.hours,
        shared.share,
        count(case when containers.status in ('available', 'in_use') and containers.qualified_hold_hours >= shared.hours then 1 end) as containers,
        {{ value_by('shared.courier_partner_id', var('container_turnaround_hours_by_courier'), var('container_turnaround_hours')) }}
            as turnaround_hours,
        {{ ids('containers.submission_id') }} as submission_ids
    from shared
    inner join containers
        on shared.courier_partner_id = containers.sender_partner_id and shared.temperature_band = containers.temperature_band
    group by shared.hospital_id, shared.therapy_code, shared.site_id, shared.leg, shared.hours, shared.share, shared.courier_partner_id
)

select
    hospital_id,
    therapy_code,
    site_id,
    round(min(share * containers * 168.0 / (hours + turnaround_hours)), 6) as container_capacity,
    {{ all_ids('submission_ids') }} as submission_ids
from fleets
group by 1, 2, 3
