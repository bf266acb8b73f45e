-- The lots of vector and raw material that the week walk uses up, in their order of use.
select
    plants.partner_id,
    lots.therapy_code,
    lots.site_id,
    lots.supply_code,
    lots.lot_code,
    lots.source_id,
    lots.doses,
    lots.use_per_start,
    lots.limits_until_week,
    lots.first_week_no,
    lots.stated_first_week_no,
    lots.last_week_no,
    lots.expiry_date,
    lots.use_order,
    lots.submission_ids
from {{ ref('int_plan__lots') }} as lots
inner join (select distinct therapy_code, site_id from {{ ref('int_plan__frame') }}) as framed
    on lots.therapy_code = framed.therapy_code and lots.site_id = framed.site_id
left join {{ ref('int_sites__named') }} as plants on lots.site_id = plants.site_id
