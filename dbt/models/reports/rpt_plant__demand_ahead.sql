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
)

select
    partner_id,
    therapy_code,
    therapy_name,
    week_start_date,
    iso_week,
    case when not is_withheld then demand end as demand,
    is_withheld,
    submission_ids
from judged
