-- Demand and capacity as the week walk reads them, so that the planning room can walk again with one thing changed.
with resale_rules as (
    select
        therapy_code,
        site_id,
        -- Where the agreements of a plant say different things, nobody may be passed over.
        case when min(resale_rule) = max(resale_rule) then min(resale_rule) else 'holder_decides' end as resale_rule
    from {{ ref('int_agreements__terms') }}
    group by 1, 2
)

select
    plants.partner_id,
    frame.therapy_code,
    therapies.therapy_name,
    frame.site_id,
    plants.site_name as plant_name,
    frame.week_no,
    frame.week_start_date,
    frame.iso_week,
    frame.demand,
    frame.movable_demand,
    frame.opening_backlog,
    frame.prior_starts,
    frame.failure_pct,
    frame.remake_lag_weeks,
    frame.doses_per_batch,
    frame.is_vector_stated,
    frame.is_frozen,
    resale_rules.resale_rule,
    frame.slots,
    frame.courier_capacity,
    frame.chair_capacity,
    frame.bed_capacity,
    frame.container_capacity,
    frame.submission_ids
from {{ ref('int_plan__frame') }} as frame
inner join {{ ref('int_plan__therapies') }} as therapies on frame.therapy_code = therapies.therapy_code
left join {{ ref('int_sites__named') }} as plants on frame.site_id = plants.site_id
left join resale_rules on frame.therapy_code = resale_rules.therapy_code and frame.site_id = resale_rules.site_id
