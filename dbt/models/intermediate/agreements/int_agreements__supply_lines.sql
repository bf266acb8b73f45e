-- Therapies and plants whose supply some hospital may not see by week: for each hospital, how fine it sees them. Where a hospital has no
-- agreement with the plant, the standard terms hold. Everybody sees the other lines alike.
with sharing as (
    {{ sharing_of('supply_ahead', 'hospital') }}
),

standard as (
    select coalesce(max(coarseness), 0) as coarseness, {{ all_ids('submission_ids') }} as submission_ids
    from sharing
    where agreement_id = {{ standard() }}
),

-- The strictest agreement of the hospital with the plant for the therapy.
agreed as (
    select
        sites.partner_id,
        agreements.therapy_code,
        agreements.site_id,
        max(sharing.coarseness) as coarseness,
        {{ all_ids('sharing.submission_ids') }} as submission_ids
    from {{ ref('int_agreements__terms') }} as agreements
    inner join {{ ref('int_sites__named') }} as sites on agreements.hospital_id = sites.site_id
    inner join sharing on agreements.agreement_id = sharing.agreement_id
    group by 1, 2, 3
),

restricted as (
    select lines.therapy_code, lines.site_id
    from (select distinct therapy_code, site_id from {{ ref('fct_aligned_plan') }}) as lines
    cross join standard
    left join agreed on lines.therapy_code = agreed.therapy_code and lines.site_id = agreed.site_id
    group by 1, 2
    having max(greatest(standard.coarseness, coalesce(agreed.coarseness, 0))) > 0
)

select
    hospitals.partner_id,
    restricted.therapy_code,
    restricted.site_id,
    coalesce(agreed.coarseness, standard.coarseness) as coarseness,
    {{ union_ids(lists=['agreed.submission_ids', 'standard.submission_ids']) }} as submission_ids
from restricted
cross join ({{ partners_of('hospital') }}) as hospitals
cross join standard
left join agreed
    on hospitals.partner_id = agreed.partner_id
    and restricted.therapy_code = agreed.therapy_code
    and restricted.site_id = agreed.site_id
