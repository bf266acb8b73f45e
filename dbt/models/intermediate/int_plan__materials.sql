-- Raw material that a plant has for a therapy, lot by lot, in the item's own unit. Items that several of its therapies take are shared by
-- what each of them needs; items made for one patient are ordered with the patient. A new order can be there after the item's lead time,
-- so that from that week on it does not limit. An item that the plant does not report does not limit either.
with items as (
    select
        bill.therapy_code,
        bill.item_code,
        {{ total('bill.quantity * (1 + bill.scrap_pct / 100.0)') }} as use_per_start,
        {{ ids('bill.submission_id') }} as submission_ids
    from {{ ref('stg_bill_of_materials') }} as bill
    inner join {{ ref('int_plan__therapies') }} as therapies
        on bill.therapy_code = therapies.therapy_code and bill.item_code <> therapies.vector_code
    where bill.is_current and not bill.is_patient_specific and bill.quantity > 0
    group by 1, 2
),

plants as (
    select therapy_code, site_id, {{ total('demand') }} as demand
    from {{ ref('int_plan__hospital_demand') }}
    group by 1, 2
),

lots as (
    select * from {{ ref('stg_raw_material_inventory') }} where is_current
),

lead_times as (
    select site_id, item_code, max(lead_time_days) as lead_time_days from lots group by 1, 2
),

needs as (
    select
        plants.therapy_code,
        plants.site_id,
        items.item_code,
        items.use_per_start,
        items.submission_ids,
        coalesce(
            plants.demand * items.use_per_start / nullif({{ total('plants.demand * items.use_per_start', over='users') }}, 0.0),
            1.0 / count(*) over users
        ) as share
    from plants
    inner join items on plants.therapy_code = items.therapy_code
    window users as (partition by plants.site_id, items.item_code)
)

select
    needs.therapy_code,
    needs.site_id,
    needs.item_code,
    lots.lot_code,
    round(lots.quantity * needs.share, 6) as quantity,
    round(needs.use_per_start, 6) as use_per_start,
    lots.expiry_date,
    -- The first week on whose Monday a lot ordered on the planning date can be there.
    cast(ceil(({{ date_days(planning_week(), planning_date()) }} + lead_times.lead_time_days) / 7.0) as integer) as limits_until_week,
    {{ union_ids(lists=['needs.submission_ids'], singles=['lots.submission_id']) }} as submission_ids
from needs
inner join lots on needs.site_id = lots.site_id and needs.item_code = lots.item_code
inner join lead_times on needs.site_id = lead_times.site_id and needs.item_code = lead_times.item_code
