with frame as (
    select * from {{ ref('int_plan__frame') }}
),

served as (
    select * from {{ ref('int_plan__served') }}
),

therapies as (
    select therapy_code, therapy_name from {{ ref('stg_therapy') }} where is_current
),

lot_ids as (
    select therapy_code, site_id, {{ all_ids('submission_ids') }} as submission_ids
    from {{ ref('int_plan__lots') }}
    group by 1, 2
),

planned as (
    select
        frame.*,
        served.backlog_in,
        served.vector_doses,
        served.vector_doses / frame.doses_per_batch as vector_starts,
        served.served,
        served.waiting,
        served.waiting > 0.005 as is_short
    from frame
    inner join served
        on frame.therapy_code = served.therapy_code and frame.site_id = served.site_id and frame.week_no = served.week_no
)

select
    planned.therapy_code,
    therapies.therapy_name,
    planned.site_id,
    plants.site_name as plant_name,
    plants.partner_id as plant_partner_id,
    planned.week_start_date,
    planned.iso_week,
    planned.demand,
    planned.backlog_in,
    planned.slots,
    planned.vector_doses,
    planned.courier_capacity,
    planned.chair_capacity,
    planned.bed_capacity,
    planned.perishable_capacity,
    planned.served,
    planned.waiting,
    planned.is_short,
    -- The resource that attains the minimum; where two do, the one that is named first here.
    case
        when not planned.is_short then null
        when planned.slots <= least(planned.perishable_capacity, planned.vector_starts) then 'slot'
        when planned.vector_starts <= planned.perishable_capacity then 'vector'
        when planned.courier_capacity <= planned.perishable_capacity then 'courier'
        when planned.chair_capacity <= planned.perishable_capacity then 'chair'
        else 'bed'
    end as binding_constraint,
    planned.lead_time_days,
    planned.infusion_week_start_date,
    {{ union_ids(lists=['planned.submission_ids', 'lot_ids.submission_ids'], singles=['plants.submission_id']) }} as submission_ids
from planned
inner join therapies on planned.therapy_code = therapies.therapy_code
left join {{ ref('int_sites__named') }} as plants on planned.site_id = plants.site_id
left join lot_ids on planned.therapy_code = lot_ids.therapy_code and planned.site_id = lot_ids.site_id
