-- Collections that each inbound lane is to carry, week by week, against what it can carry.
with lanes as (
    select * from {{ ref('stg_lane') }} where is_current
)

select
    lanes.courier_partner_id as partner_id,
    lanes.lane_id,
    lanes.from_site_id,
    places_from.site_name as from_site_name,
    lanes.to_site_id,
    places_to.site_name as to_site_name,
    lanes.mode,
    demand.collection_week_start_date as week_start_date,
    {{ iso_week('demand.collection_week_start_date') }} as iso_week,
    round(sum(demand.demand), 6) as shipments_expected,
    round(sum(demand.courier_capacity), 6) as courier_capacity,
    {{ all_ids('demand.submission_ids') }} as submission_ids
from {{ ref('int_plan__hospital_capacity') }} as demand
inner join lanes on demand.lane_id = lanes.lane_id
left join {{ ref('int_sites__named') }} as places_from on lanes.from_site_id = places_from.site_id
left join {{ ref('int_sites__named') }} as places_to on lanes.to_site_id = places_to.site_id
group by 1, 2, 3, 4, 5, 6, 7, 8
