-- What the network asks for, to every plant that is qualified for the therapy or makes it by agreement. Demand only: what other plants
-- offer and serve is theirs. The plant knows its own part, so the rest has to be a cohort of its own.
with sites as (
    select site_id, partner_id from {{ ref('int_sites__named') }}
),

agreements as (
    select * from {{ ref('int_agreements__terms') }}
),

entitled as (
    select sites.partner_id, qualifications.therapy_code
    from {{ ref('stg_site_qualification') }} as qualifications
    inner join sites on qualifications.site_id = sites.site_id
    where qualifications.is_current
    union
    select sites.partner_id, agreements.therapy_code
    from agreements
    inner join sites on agreements.site_id = sites.site_id
),

weekly as (
    select
        entitled.partner_id,
        plan.therapy_code,
        plan.therapy_name,
        plan.week_start_date,
        plan.iso_week,
        round(sum(plan.demand), 6) as demand,
        sum(case when plan.plant_partner_id = entitled.partner_id then 0.0 else plan.demand end) as others_demand,
        {{ all_ids('plan.submission_ids') }} as submission_ids
    from entitled
    inner join {{ ref('fct_aligned_plan') }} as plan on entitled.therapy_code = plan.therapy_code
    group by 1, 2, 3, 4, 5
),

cohorts as (
    select therapy_code, max(minimum_cohort) as minimum_cohort from agreements group by 1
),

judged as (
    select
        weekly.*,
        {{ is_below_cohort('sum(weekly.demand) over horizon', 'cohorts.minimum_cohort') }}
        or {{ is_below_cohort('sum(weekly.others_demand) over horizon', 'cohorts.minimum_cohort') }} as is_withheld
    from weekly
    left join cohorts on weekly.therapy_code = cohorts.therapy_code
    window horizon as (partition by weekly.partner_id, weekly.therapy_code)
),

sharing as (
    {{ sharing_of('demand_ahead', 'plant') }}
),

-- The strictest of the plant's agreements for the therapy; where it is only qualified for it, the standard terms.
agreed as (
    select
        sites.partner_id,
        agreements.therapy_code,
        max(sharing.coarseness) as coarseness,
        {{ all_ids('sharing.submission_ids') }} as submission_ids
    from agreements
    inner join sites on agreements.site_id = sites.site_id
    inner join sharing on agreements.agreement_id = sharing.agreement_id
    group by 1, 2
),

graded as (
    select
        judged.*,
        coalesce(agreed.coarseness, standard.coarseness, 0) as coarseness,
        {{ union_ids(lists=['judged.submission_ids', 'agreed.submission_ids', 'standard.submission_ids']) }} as all_submission_ids
    from judged
    left join agreed on judged.partner_id = agreed.partner_id and judged.therapy_code = agreed.therapy_code
    left join sharing as standard on standard.agreement_id = {{ standard() }}
),

placed as (
    select graded.*, {{ shared_period('coarseness', 'week_start_date', 'partner_id, therapy_code') }} as period_start_date
    from graded
    where coarseness < 3
)

select
    partner_id,
    therapy_code,
    min(therapy_name) as therapy_name,
    period_start_date as week_start_date,
    {{ iso_week('period_start_date') }} as iso_week,
    {{ grain_word('max(coarseness)') }} as grain,
    case when max(case when is_withheld then 1 else 0 end) = 0 then round(sum(demand), 6) end as demand,
    max(case when is_withheld then 1 else 0 end) = 1 as is_withheld,
    {{ all_ids('all_submission_ids') }} as submission_ids
from placed
group by partner_id, therapy_code, period_start_date
