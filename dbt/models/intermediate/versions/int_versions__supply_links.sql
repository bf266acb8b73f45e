-- Whose vector and whose lane a hospital's week of collection needs, in which week, and how much of it a patient takes: doses in the week of
-- start, a shipment in the week of collection.
with links as (
    select * from {{ ref('int_versions__links') }}
),

suppliers as (
    select distinct sender_partner_id as partner_id, vector_code from {{ ref('stg_vector_inventory') }} where is_current
    union
    select distinct sender_partner_id as partner_id, vector_code from {{ ref('stg_vector_supply_plan') }} where is_current
),

lanes as (
    select * from {{ ref('stg_lane') }} where is_current
)

select
    suppliers.partner_id,
    'vector' as resource_kind,
    links.vector_code as resource_code,
    links.hospital_id,
    links.therapy_code,
    links.site_id,
    links.collection_week_start_date,
    links.week_start_date,
    links.doses_per_batch as per_patient,
    links.submission_ids
from links
inner join suppliers on links.vector_code = suppliers.vector_code
union all
select
    lanes.courier_partner_id as partner_id,
    'lane' as resource_kind,
    links.lane_id as resource_code,
    links.hospital_id,
    links.therapy_code,
    links.site_id,
    links.collection_week_start_date,
    links.collection_week_start_date as week_start_date,
    1.0 as per_patient,
    links.submission_ids
from links
inner join lanes on links.lane_id = lanes.lane_id
