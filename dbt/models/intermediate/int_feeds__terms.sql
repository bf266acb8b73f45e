-- The agreements that name a partner, as courier or by a site that it runs: while they hold, its feeds are owed.
with agreements as (
    select * from {{ ref('stg_agreement') }} where is_current and agreement_id <> {{ standard() }}
),

-- A restated agreement is known since its first version.
first_stated as (
    select agreement_id, min(as_of) as known_at from {{ ref('stg_agreement') }} group by 1
),

sites as (
    select distinct site_id, partner_id from {{ ref('stg_site') }} where is_current
),

named as (
    select agreements.agreement_id, sites.partner_id
    from agreements
    inner join sites on agreements.hospital_id = sites.site_id or agreements.site_id = sites.site_id
    union
    select agreement_id, courier_partner_id as partner_id from agreements
)

select
    named.partner_id,
    agreements.agreement_id,
    agreements.valid_from_date,
    agreements.valid_to_date,
    first_stated.known_at
from named
inner join agreements on named.agreement_id = agreements.agreement_id
inner join first_stated on named.agreement_id = first_stated.agreement_id
