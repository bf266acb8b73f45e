-- What the plants offer, to all hospitals alike. Nothing from which another hospital's demand could be told: the plan of a plant is often
-- that of one other hospital, and doses fall from week to week by what that hospital uses.
select
    therapy_code,
    therapy_name,
    site_id,
    plant_name,
    week_start_date,
    iso_week,
    slots,
    is_short,
    binding_constraint,
    infusion_week_start_date,
    submission_ids
from {{ ref('fct_aligned_plan') }}
