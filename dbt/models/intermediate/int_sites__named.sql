-- Every site with the partner that runs it.
select
    site_id,
    site_name,
    partner_id,
    site_kind,
    time_zone,
    country_code,
    case when country_code = 'US' then 'US' else 'EU' end as region,
    submission_id
from {{ ref('stg_site') }}
where is_current
