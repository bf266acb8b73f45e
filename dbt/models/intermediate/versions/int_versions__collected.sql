-- What became of the forecasts: patients collected, by the hospital's own calendar. A case counts once, in the week of its first collection.
with orders as (
    select
        sender_partner_id,
        coi_issuer_id,
        coi_id,
        hospital_id,
        therapy_code,
        row_number() over (partition by case_id order by as_of desc, submission_id, coi_id) as choice
    from {{ ref('stg_case_order') }}
    where is_current
),

collections as (
    select
        sender_partner_id,
        coi_issuer_id,
        coi_id,
        min(end_at) as first_apheresis_at,
        {{ ids('submission_id') }} as submission_ids
    from {{ ref('stg_collection') }}
    where is_current
    group by 1, 2, 3
)

select
    orders.hospital_id,
    orders.therapy_code,
    {{ week_start(local_date('collections.first_apheresis_at', "coalesce(sites.time_zone, 'UTC')")) }} as week_start_date,
    cast(count(*) as double) as patients,
    {{ all_ids('collections.submission_ids') }} as submission_ids
from collections
inner join orders
    on collections.coi_issuer_id = orders.coi_issuer_id
    and collections.coi_id = orders.coi_id
    and collections.sender_partner_id = orders.sender_partner_id
    and orders.choice = 1
left join {{ ref('int_sites__named') }} as sites on orders.hospital_id = sites.site_id
where collections.first_apheresis_at is not null
group by 1, 2, 3
