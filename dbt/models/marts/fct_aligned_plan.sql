with frame as (
    select * from {{ ref('int_plan__frame') }}
),

served as (
    select * from {{ ref('int_plan__served') }}
),

limits as (
    select * from {{ ref('int_plan__limits') }}
),

therapies as (
    select therapy_code, therapy_name from {{ ref('int_plan__therapies') }}
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
        served.remake,
        served.vector_doses,
        served.material_starts,
        served.material_code,
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
    planned.forecast_gross,
    planned.forecast_latest,
    planned.forecast_net,
    planned.bookings,
    planned.is_frozen,
    planned.demand,
    planned.remake,
    planned.backlog_in,
    planned.slots,
    planned.vector_doses,
    planned.material_starts,
    planned.material_code,
    planned.courier_capacity,
    planned.container_capacity,
    planned.chair_capacity,
    planned.bed_capacity,
    planned.perishable_capacity,
    planned.served,
    planned.waiting,
    planned.is_short,
    case when planned.is_short then binding.resource end as binding_constraint,
    case when planned.is_short then behind.resource end as next_constraint,
    case when planned.is_short then greatest(round(behind.starts - binding.starts, 6), 0.0) end as headroom_to_next,
    planned.lead_time_days,
    planned.infusion_week_start_date,
    {{ union_ids(lists=['planned.submission_ids', 'lot_ids.submission_ids'], singles=['plants.submission_id']) }} as submission_ids
from planned
inner join therapies on planned.therapy_code = therapies.therapy_code
inner join limits as binding
    on planned.therapy_code = binding.therapy_code
    and planned.site_id = binding.site_id
    and planned.week_no = binding.week_no
    and binding.place = 1
left join limits as behind
    on planned.therapy_code = behind.therapy_code
    and planned.site_id = behind.site_id
    and planned.week_no = behind.week_no
    and behind.place = 2
left join {{ ref('int_sites__named') }} as plants on planned.site_id = plants.site_id
left join lot_ids on planned.therapy_code = lot_ids.therapy_code and planned.site_id = lot_ids.site_id
