-- What the plants offer, to all hospitals alike: totals per therapy, plant and week, and nobody's part in them.
select
    therapy_code,
    therapy_name,
    site_id,
    plant_name,
    week_start_date,
    iso_week,
    demand,
    backlog_in,
    slots,
    vector_doses,
    perishable_capacity,
    served,
    waiting,
    greatest(slots - served, 0.0) as free_slots,
    is_short,
    binding_constraint,
    infusion_week_start_date,
    submission_ids
from {{ ref('fct_aligned_plan') }}
