-- vector_cover_low: weeks that the doses on hand (released, at the plant's disposal now) last. lot_expiring_unused: doses that the plan leaves.
with lots as (
    select lots.*, inventory.status
    from {{ ref('int_plan__lots') }} as lots
    left join {{ ref('stg_vector_inventory') }} as inventory
        on lots.gtin = inventory.gtin and lots.lot_code = inventory.lot_code and inventory.is_current
    where lots.supply_code = 'vector'
),

stock as (
    select
        therapy_code,
        site_id,
        {{ total("case when first_week_no <= 0 and status in ('released', 'expired') then doses else 0.0 end") }} as doses,
        min(case when first_week_no > 0 or coalesce(status, 'planned') not in ('released', 'expired') then usable_from_date end) as next_supply_date,
        {{ all_ids('submission_ids') }} as submission_ids
    from lots
    group by 1, 2
),

needs as (
    select
        plan.therapy_code,
        plan.site_id,
        plan.week_start_date,
        plan.demand + plan.remake as patients,
        sum((plan.demand + plan.remake) * therapies.doses_per_batch) over (
            partition by plan.therapy_code, plan.site_id order by plan.week_start_date rows unbounded preceding
        ) as doses_needed,
        therapies.therapy_name,
        therapies.vector_code,
        plan.plant_name
    from {{ ref('fct_aligned_plan') }} as plan
    inner join {{ ref('int_plan__therapies') }} as therapies on plan.therapy_code = therapies.therapy_code
),

covered as (
    select
        needs.therapy_code,
        needs.site_id,
        min(needs.therapy_name) as therapy_name,
        min(needs.vector_code) as vector_code,
        min(needs.plant_name) as plant_name,
        min(stock.doses) as doses,
        min(stock.next_supply_date) as next_supply_date,
        cast(sum(case when needs.doses_needed <= stock.doses then 1 else 0 end) as double) as weeks_covered,
        -- Who comes after the doses are gone and before there are new ones.
        {{ total(
            'case when needs.doses_needed > stock.doses and coalesce(needs.week_start_date < stock.next_supply_date, true) then needs.patients end'
        ) }} as patients,
        min(stock.submission_ids) as submission_ids
    from needs
    inner join stock on needs.therapy_code = stock.therapy_code and needs.site_id = stock.site_id
    group by 1, 2
),

suppliers as (
    select vector_code, min(sender_partner_id) as partner_id from {{ ref('stg_vector_inventory') }} where is_current group by 1
),

-- The same shortage under its other name: a run of short weeks that vector binds.
bound as (
    select distinct object_code from {{ ref('int_exceptions__runs') }} where binding_constraint = 'vector'
)

select
    'vector_cover_low' as criterion_code,
    'vector_cover_low' as key_code,
    'plant' as object_kind,
    concat(covered.therapy_code, ':', covered.site_id) as object_code,
    'standing' as week_kind,
    {{ planning_week() }} as week_start_date,
    {{ planning_week() }} as last_week_start_date,
    covered.therapy_code,
    covered.site_id,
    cast(null as {{ dbt.type_string() }}) as hospital_id,
    suppliers.partner_id as owning_partner_id,
    covered.weeks_covered as measure,
    -covered.weeks_covered as figure,
    round(covered.patients, 6) as patients,
    case when covered.patients > 0 then 7.0 else 0.0 end as days,
    concat(
        plant_name, ' has vector ', covered.vector_code, ' for ', {{ plain_number('weeks_covered') }},
        case when weeks_covered = 1 then ' week' else ' weeks' end, ' of ', covered.therapy_name
    ) as title,
    concat({{ patients_words('covered.patients') }}, ' would come after the doses are used up and before the next are there') as ours_words,
    concat(
        {{ plain_number('covered.doses') }}, ' doses are released; ',
        case
            when next_supply_date is null then 'no further supply is planned'
            else concat('the next are planned for ', cast(next_supply_date as {{ dbt.type_string() }}))
        end
    ) as theirs_words,
    concat('Vector ', covered.vector_code, ' runs out.') as reason,
    covered.submission_ids
from covered
left join suppliers on covered.vector_code = suppliers.vector_code
left join bound on concat(covered.therapy_code, ':', covered.site_id) = bound.object_code
where bound.object_code is null
union all
select
    'lot_expiring_unused' as criterion_code,
    'lot_expiring_unused' as key_code,
    'lot' as object_kind,
    concat(lots.gtin, '.', lots.lot_code) as object_code,
    'fixed' as week_kind,
    {{ week_start('lots.expiry_date') }} as week_start_date,
    {{ week_start('lots.expiry_date') }} as last_week_start_date,
    cast(null as {{ dbt.type_string() }}) as therapy_code,
    cast(null as {{ dbt.type_string() }}) as site_id,
    cast(null as {{ dbt.type_string() }}) as hospital_id,
    lots.supplier_partner_id as owning_partner_id,
    lots.expiring_unused_doses as measure,
    lots.expiring_unused_doses as figure,
    0.0 as patients,
    0.0 as days,
    concat(
        'Vector lot ', lots.lot_code, ' expires on ', cast(lots.expiry_date as {{ dbt.type_string() }}), ' with ',
        {{ counted_words('lots.expiring_unused_doses', 'dose', 'doses') }}, ' unused'
    ) as title,
    concat('The plan uses ', {{ plain_number('lots.plan_used_doses') }}, ' of its doses') as ours_words,
    concat({{ plain_number('lots.plan_doses') }}, ' doses are at the plants'' disposal') as theirs_words,
    'The demand until then is smaller than the lot.' as reason,
    lots.submission_ids
from {{ ref('fct_vector_lots') }} as lots
-- Less than half a dose is rounding.
where lots.expiring_unused_doses >= 0.5
