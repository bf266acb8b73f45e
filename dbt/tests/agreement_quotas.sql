-- Quotas of one plant for one therapy that make more than all of its starts: nobody can keep them.
{{ config(severity='warn') }}
select site_id, therapy_code, sum(quota_pct) as quota_pct
from {{ ref('int_agreements__terms') }}
where allocation_rule = 'quota' and valid_from_date <= {{ planning_date() }} and coalesce(valid_to_date >= {{ planning_date() }}, true)
group by 1, 2
having sum(quota_pct) > 100.000001
