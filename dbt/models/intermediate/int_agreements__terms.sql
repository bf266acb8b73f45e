-- The terms of each agreement that the plan reads. What an agreement does not say yet, the network's standard (dbt vars) says.
select
    agreement_id,
    hospital_id,
    therapy_code,
    site_id,
    courier_partner_id,
    valid_from_date,
    valid_to_date,
    frozen_weeks,
    allocation_rule,
    minimum_cohort,
    {{ var('netting_early_weeks') }} as netting_early_weeks,
    {{ var('netting_late_weeks') }} as netting_late_weeks,
    -- By agreement id; an agreement that is not named has no quota of its own.
    {{ value_by('agreement_id', var('quota_pct')) }} as quota_pct,
    submission_id
from {{ ref('stg_agreement') }}
where is_current
