-- What the plants offer on lines that an agreement keeps from some hospital: each hospital sees them as its terms say, by week, by month, in
-- total or not at all.
with placed as (
    select
        terms.partner_id,
        terms.coarseness,
        terms.submission_ids as terms_submission_ids,
        plan.*,
        {{ shared_period('terms.coarseness', 'plan.week_start_date', 'terms.partner_id, plan.therapy_code, plan.site_id') }} as period_start_date
    from {{ ref('int_agreements__supply_lines') }} as terms
    inner join {{ ref('fct_aligned_plan') }} as plan on terms.therapy_code = plan.therapy_code and terms.site_id = plan.site_id
    where terms.coarseness < 3
)

select
    partner_id,
    therapy_code,
    min(therapy_name) as therapy_name,
    site_id,
    min(plant_name) as plant_name,
    period_start_date as week_start_date,
    {{ iso_week('period_start_date') }} as iso_week,
    {{ grain_word('max(coarseness)') }} as grain,
    sum(slots) as slots,
    max(case when is_short then 1 else 0 end) = 1 as is_short,
    -- A month that is short of two things names the first by alphabet: which week it was is not shared.
    min(case when is_short then binding_constraint end) as binding_constraint,
    min(infusion_week_start_date) as infusion_week_start_date,
    {{ all_ids(union_ids(lists=['submission_ids', 'terms_submission_ids'])) }} as submission_ids
from placed
group by partner_id, therapy_code, site_id, period_start_date
