-- Every decision that names a way out, and whether it counts in the plan: the newest one of its exception, resolved or accepted, by somebody
-- whose it is to decide (the operator, or whoever owns what is added), with all it needs, for weeks that are not past.
with decisions as (
    select
        *,
        coalesce(exception_key, concat(sender_partner_id, '|', decision_id)) as decision_key,
        cast(floor({{ date_days(planning_week(), 'week_start_date') }} / 7.0) as integer) as week_no,
        cast(floor({{ date_days(planning_week(), 'coalesce(to_week_start_date, week_start_date)') }} / 7.0) as integer) as to_week_no
    from {{ ref('stg_decision') }}
    where is_current
),

-- Who acknowledges or notes something afterwards takes nothing back; who reopens does.
ranked as (
    select
        *,
        row_number() over (partition by decision_key order by decided_at desc, as_of desc, decision_id desc) as place
    from decisions
    where state <> 'acknowledged'
),

roles as (
    select partner_id, max(role) as role from {{ ref('stg_partner') }} where is_current group by 1
),

couriers as (
    select distinct therapy_code, site_id, courier_partner_id from {{ ref('int_plan__links') }}
),

supplied as (
    select sender_partner_id, lot_code as lot_id from {{ ref('stg_vector_inventory') }} where is_current
    union
    select sender_partner_id, run_id as lot_id from {{ ref('stg_vector_supply_plan') }} where is_current
    union
    select inventory.sender_partner_id, allocations.allocation_id as lot_id
    from {{ ref('stg_vector_allocation') }} as allocations
    inner join {{ ref('stg_vector_inventory') }} as inventory
        on allocations.gtin = inventory.gtin and allocations.lot_code = inventory.lot_code and inventory.is_current
    where allocations.is_current
),

owned as (
    select
        ranked.*,
        coalesce(
            roles.role = 'operator'
            or (ranked.option_code in ('add_slots', 'release_slot') and plants.partner_id = ranked.sender_partner_id)
            or (ranked.option_code = 'add_courier_capacity' and couriers.courier_partner_id is not null)
            or (ranked.option_code = 'expedite_lot' and supplied.lot_id is not null), false
        ) as may_decide
    from ranked
    left join roles on ranked.sender_partner_id = roles.partner_id
    left join {{ ref('int_sites__named') }} as plants on ranked.site_id = plants.site_id
    left join couriers
        on ranked.therapy_code = couriers.therapy_code
        and ranked.site_id = couriers.site_id
        and ranked.sender_partner_id = couriers.courier_partner_id
    left join supplied on ranked.lot_id = supplied.lot_id and ranked.sender_partner_id = supplied.sender_partner_id
)

select
    decision_key,
    decision_id,
    exception_key,
    sender_partner_id,
    decided_at,
    state,
    option_code,
    therapy_code,
    site_id,
    week_start_date,
    week_no,
    coalesce(to_site_id, site_id) as to_site_id,
    coalesce(to_week_start_date, week_start_date) as to_week_start_date,
    to_week_no,
    lot_id,
    coalesce(quantity, 0.0) as quantity,
    case
        when place > 1 then 'superseded'
        when state not in ('resolved', 'accepted') then 'not decided'
        when not may_decide then 'not theirs to decide'
        when
            therapy_code is null or site_id is null or week_no is null
            or (option_code = 'expedite_lot' and lot_id is null)
            or (option_code <> 'expedite_lot' and coalesce(quantity, 0.0) <= 0)
            then 'incomplete'
        when least(week_no, to_week_no) < 0 then 'lapsed'
        when greatest(week_no, to_week_no) >= {{ var('horizon_weeks') }} then 'beyond the plan'
        else 'in force'
    end as standing,
    {{ union_ids(singles=['submission_id']) }} as submission_ids
from owned
where option_code is not null and option_code <> 'none'
