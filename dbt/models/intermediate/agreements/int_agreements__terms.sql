-- What each agreement says, with the standard terms where it says nothing, and the figures below where nobody has stated any.
with agreements as (
    select * from {{ ref('stg_agreement') }} where is_current and agreement_id <> {{ standard() }}
),

standard as (
    select * from (
        select stg_agreement.*, row_number() over (order by stated_at desc, submission_id desc) as choice
        from {{ ref('stg_agreement') }} as stg_agreement
        where is_current and agreement_id = {{ standard() }}
    ) as stated
    where choice = 1
),

-- Fences of its own say up to which week an agreement is frozen and binds.
fences as (
    select
        agreement_id,
        max(case when kind = 'frozen' then to_week else 0 end) as frozen_weeks,
        max(case when kind in ('frozen', 'binding') then to_week else 0 end) as binding_weeks
    from ({{ agreed('agreement_fence') }}) as agreed
    where agreement_id <> {{ standard() }}
    group by 1
),

resolved as (
    select
        agreements.agreement_id,
        agreements.version,
        agreements.hospital_id,
        agreements.therapy_code,
        agreements.site_id,
        agreements.courier_partner_id,
        agreements.valid_from_date,
        agreements.valid_to_date,
        coalesce(agreements.horizon_weeks, standard.horizon_weeks, {{ var('horizon_weeks') }}) as horizon_weeks,
        coalesce(agreements.frozen_weeks, fences.frozen_weeks, standard.frozen_weeks, 2) as frozen_weeks,
        coalesce(agreements.binding_weeks, fences.binding_weeks, standard.binding_weeks, 4) as binding_weeks,
        coalesce(agreements.response_days, standard.response_days, 3) as response_days,
        coalesce(agreements.allocation_rule, standard.allocation_rule, 'fifo') as allocation_rule,
        -- By agreement id; an agreement that nobody names has no quota of its own.
        coalesce(agreements.quota_pct, {{ value_by('agreements.agreement_id', var('quota_pct')) }}) as quota_pct,
        coalesce(agreements.netting_early_weeks, standard.netting_early_weeks, {{ var('netting_early_weeks') }}) as netting_early_weeks,
        coalesce(agreements.netting_late_weeks, standard.netting_late_weeks, {{ var('netting_late_weeks') }}) as netting_late_weeks,
        coalesce(agreements.resale_rule, standard.resale_rule, 'return_to_pool') as resale_rule,
        -- Never rounded: it converts one unit into another.
        coalesce(agreements.load_factor, standard.load_factor, 1.0) as load_factor,
        coalesce(agreements.minimum_cohort, standard.minimum_cohort, {{ var('minimum_cohort') }}) as minimum_cohort,
        agreements.submission_id,
        {{ union_ids(singles=['agreements.submission_id', 'standard.submission_id']) }} as submission_ids
    from agreements
    left join standard on standard.agreement_id = {{ standard() }}
    left join fences on agreements.agreement_id = fences.agreement_id
)

select
    agreement_id,
    version,
    hospital_id,
    therapy_code,
    site_id,
    courier_partner_id,
    valid_from_date,
    valid_to_date,
    horizon_weeks,
    frozen_weeks,
    greatest(binding_weeks, frozen_weeks) as binding_weeks,
    response_days,
    allocation_rule,
    quota_pct,
    netting_early_weeks,
    netting_late_weeks,
    resale_rule,
    load_factor,
    minimum_cohort,
    submission_id,
    submission_ids
from resolved
