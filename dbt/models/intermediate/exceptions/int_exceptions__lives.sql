-- Every exception of this plan in one shape: found now, or open until now and gone, or gone within the last eight weeks.
with found as (
    select * from {{ ref('int_exceptions__found') }}
),

sighted as (
    select
        *,
        -- A plant's object is its site, or a therapy there; a hospital's is its site.
        case when object_code like '%:%' then split_part(object_code, ':', 1) end as object_therapy,
        case when object_code like '%:%' then split_part(object_code, ':', 2) else object_code end as object_site
    from {{ ref('int_exceptions__sighted') }}
),

-- Whom a closed exception was about: a partner sees that its own is gone.
sites as (
    select site_id, min(partner_id) as partner_id from {{ ref('int_sites__named') }} group by 1
)

select
    found.exception_key,
    true as is_found,
    case when coalesce(sighted.is_open, false) then sighted.last_opened_on else {{ planning_date() }} end as opened_on,
    cast(null as date) as cleared_on,
    coalesce(sighted.times_opened, 0) + case when coalesce(sighted.is_open, false) then 0 else 1 end as times_opened,
    found.criterion_code,
    found.object_kind,
    found.object_code,
    found.week_start_date,
    found.first_week_start_date,
    found.last_week_start_date,
    found.therapy_code,
    found.site_id,
    found.plant_partner_id,
    found.hospital_id,
    found.hospital_partner_id,
    found.owning_partner_id,
    found.severity,
    found.owner_role,
    found.owner_partner_id,
    found.due_days,
    found.escalate_to_role,
    found.escalate_after_days,
    found.figure,
    found.patients,
    found.days,
    found.stake_score,
    found.title,
    found.ours_words,
    found.theirs_words,
    found.reason,
    found.submission_ids
from found
left join sighted on found.exception_key = sighted.exception_key
union all
select
    sighted.exception_key,
    false as is_found,
    sighted.last_opened_on as opened_on,
    case when sighted.is_open then {{ planning_date() }} else sighted.last_cleared_on end as cleared_on,
    sighted.times_opened,
    sighted.criterion_code,
    sighted.object_kind,
    sighted.object_code,
    sighted.week_start_date,
    sighted.week_start_date as first_week_start_date,
    sighted.week_start_date as last_week_start_date,
    case when sighted.object_kind = 'plant' then sighted.object_therapy end as therapy_code,
    case when sighted.object_kind = 'plant' then sites.site_id end as site_id,
    case when sighted.object_kind = 'plant' then sites.partner_id end as plant_partner_id,
    case when sighted.object_kind = 'hospital' then sites.site_id end as hospital_id,
    case when sighted.object_kind = 'hospital' then sites.partner_id end as hospital_partner_id,
    cast(null as {{ dbt.type_string() }}) as owning_partner_id,
    sighted.severity,
    sighted.owner_role,
    sighted.owner_partner_id,
    cast(null as bigint) as due_days,
    cast(null as {{ dbt.type_string() }}) as escalate_to_role,
    cast(null as bigint) as escalate_after_days,
    sighted.figure,
    sighted.patients,
    sighted.days,
    round(sighted.patients * sighted.days, 1) as stake_score,
    sighted.title,
    cast(null as {{ dbt.type_string() }}) as ours_words,
    cast(null as {{ dbt.type_string() }}) as theirs_words,
    'The data do not show it any more.' as reason,
    {{ union_ids() }} as submission_ids
from sighted
left join found on sighted.exception_key = found.exception_key
left join sites on sighted.object_site = sites.site_id and sighted.object_kind in ('plant', 'hospital')
where
    found.exception_key is null
    and (sighted.is_open or sighted.last_cleared_on >= {{ add_days(planning_date(), -56) }})
