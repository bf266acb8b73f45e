with inventory as (
    select * from {{ ref('stg_vector_inventory') }} where is_current
),

allocations as (
    select
        gtin,
        lot_code,
        round(sum(doses), 6) as allocated_doses,
        {{ ids('submission_id') }} as submission_ids
    from {{ ref('stg_vector_allocation') }}
    where is_current
    group by 1, 2
),

-- What the plan leaves of each lot in its last week.
left_over as (
    select
        lots.gtin,
        lots.lot_code,
        round(sum(lots.doses), 6) as plan_doses,
        round(sum(lots.doses - {{ element_at('served.remaining', 'lots.use_order') }}), 6) as plan_used_doses,
        round(sum(
            case when lots.last_week_no < {{ var('horizon_weeks') }} - 1 then {{ element_at('served.remaining', 'lots.use_order') }} else 0.0 end
        ), 6) as expiring_unused_doses
    from {{ ref('int_plan__lots') }} as lots
    inner join {{ ref('int_plan__served') }} as served
        on lots.therapy_code = served.therapy_code and lots.site_id = served.site_id and served.week_no = {{ var('horizon_weeks') }} - 1
    where lots.supply_code = 'vector' and lots.lot_code is not null
    group by 1, 2
)

select
    inventory.gtin,
    inventory.lot_code,
    inventory.vector_code,
    inventory.site_id,
    sites.site_name,
    inventory.sender_partner_id as supplier_partner_id,
    inventory.status,
    inventory.dose_equivalents,
    coalesce(allocations.allocated_doses, 0.0) as allocated_doses,
    coalesce(left_over.plan_doses, 0.0) as plan_doses,
    coalesce(left_over.plan_used_doses, 0.0) as plan_used_doses,
    coalesce(left_over.expiring_unused_doses, 0.0) as expiring_unused_doses,
    inventory.made_date,
    coalesce(inventory.release_actual_date, inventory.release_planned_date) as release_date,
    inventory.release_actual_date is not null as is_release_actual,
    inventory.expiry_date,
    {{ date_days(planning_date(), 'inventory.expiry_date') }} as days_to_expiry,
    {{ union_ids(lists=['allocations.submission_ids'], singles=['inventory.submission_id']) }} as submission_ids
from inventory
left join allocations on inventory.gtin = allocations.gtin and inventory.lot_code = allocations.lot_code
left join left_over on inventory.gtin = left_over.gtin and inventory.lot_code = left_over.lot_code
left join {{ ref('int_sites__named') }} as sites on inventory.site_id = sites.site_id
