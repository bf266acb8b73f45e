-- All criteria together, each with what the agreements concerned say of it, and its key. The strictest of several agreements holds; where
-- none is concerned, or none says anything, the standard terms do. What no agreement asks about is no exception.
with candidates as (
    {%- for name in ['shortages', 'vector', 'forecasts', 'answers', 'cases', 'kpis', 'contradicted'] %}
    select {{ exception_columns() | join(', ') }}
    from {{ ref('int_exceptions__' ~ name) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

agreements as (
    select agreement_id, hospital_id, therapy_code, site_id
    from {{ ref('int_agreements__terms') }}
    where valid_from_date <= {{ planning_date() }} and coalesce(valid_to_date >= {{ planning_date() }}, true)
),

criteria as (
    select * from {{ ref('int_agreements__criteria') }}
),

concerned as (
    select
        candidates.key_code,
        candidates.object_code,
        candidates.week_start_date,
        candidates.criterion_code,
        agreements.agreement_id,
        0 as preference
    from candidates
    inner join agreements
        on (candidates.hospital_id is null or candidates.hospital_id = agreements.hospital_id)
        and (candidates.therapy_code is null or candidates.therapy_code = agreements.therapy_code)
        and (candidates.site_id is null or candidates.site_id = agreements.site_id)
    where coalesce(candidates.hospital_id, candidates.therapy_code, candidates.site_id) is not null
    union all
    select key_code, object_code, week_start_date, criterion_code, {{ standard() }} as agreement_id, 1 as preference
    from candidates
),

judged as (
    select
        concerned.key_code,
        concerned.object_code,
        concerned.week_start_date,
        criteria.*,
        row_number() over (
            partition by concerned.key_code, concerned.object_code, concerned.week_start_date, concerned.criterion_code
            order by
                concerned.preference, {{ severity_rank('criteria.severity') }}, criteria.due_days,
                criteria.escalate_after_days, criteria.agreement_id
        ) as choice
    from concerned
    inner join criteria on concerned.agreement_id = criteria.agreement_id and concerned.criterion_code = criteria.criterion_code
),

broken as (
    select
        candidates.*,
        -- A mistaken identity is critical, whatever anybody agrees.
        case candidates.criterion_code when 'identity_mismatch' then 'critical' else judged.severity end as severity,
        judged.threshold,
        judged.threshold_unit,
        -- An answer is owed by who was asked: what the terms say of plants holds for suppliers and couriers.
        case
            when candidates.criterion_code in ('overdue_commit', 'forecast_against_commit') and judged.owner_role = 'plant' then candidates.object_kind
            else judged.owner_role
        end as owner_role,
        judged.due_days,
        judged.escalate_to_role,
        judged.escalate_after_days,
        judged.agreement_id,
        judged.submission_ids as criterion_ids
    from candidates
    inner join judged
        on candidates.key_code = judged.key_code
        and candidates.object_code = judged.object_code
        and candidates.week_start_date = judged.week_start_date
        and candidates.criterion_code = judged.criterion_code
        and judged.choice = 1
    where {{ breaks_threshold('candidates.criterion_code', 'candidates.measure', 'judged.threshold') }}
),

-- What is open, or was within eight weeks, keeps its week: a standing exception from when it opened, a run that grew, shrank or moved by up to
-- two weeks at its beginning, or whose first week has passed while it was open, from when it began. One key belongs to one run, the first
-- that reaches it.
remembered as (
    select
        key_code,
        object_code,
        week_start_date,
        case when is_open then greatest(week_start_date, {{ planning_week() }}) else week_start_date end as reference_date
    from {{ ref('int_exceptions__sighted') }}
    where is_open or last_cleared_on >= {{ add_days(planning_date(), -56) }}
),

heirs as (
    select
        remembered.key_code,
        remembered.object_code,
        remembered.week_start_date as inherited_date,
        broken.week_start_date,
        row_number() over (
            partition by remembered.key_code, remembered.object_code, remembered.week_start_date order by broken.week_start_date
        ) as run_choice
    from remembered
    inner join broken on remembered.key_code = broken.key_code and remembered.object_code = broken.object_code
    where
        broken.week_kind = 'standing'
        or (
            broken.week_kind = 'run'
            and broken.last_week_start_date >= remembered.week_start_date
            and broken.week_start_date <= {{ add_days('remembered.reference_date', 14) }}
        )
),

inherited as (
    select key_code, object_code, week_start_date, min(inherited_date) as inherited_date
    from heirs
    where run_choice = 1
    group by 1, 2, 3
),

operators as (
    select min(partner_id) as partner_id from {{ ref('stg_partner') }} where is_current and role = 'operator'
),

places as (
    select * from {{ ref('int_sites__named') }}
)

select
    concat(
        broken.key_code, '|', broken.object_code, '|',
        cast(coalesce(inherited.inherited_date, broken.week_start_date) as {{ dbt.type_string() }})
    ) as exception_key,
    broken.criterion_code,
    broken.object_kind,
    broken.object_code,
    broken.week_start_date as first_week_start_date,
    broken.last_week_start_date,
    coalesce(inherited.inherited_date, broken.week_start_date) as week_start_date,
    broken.therapy_code,
    broken.site_id,
    plants.partner_id as plant_partner_id,
    broken.hospital_id,
    hospitals.partner_id as hospital_partner_id,
    broken.severity,
    broken.threshold,
    broken.threshold_unit,
    broken.owner_role,
    case broken.owner_role
        when 'operator' then operators.partner_id
        when 'plant' then coalesce(plants.partner_id, broken.owning_partner_id)
        when 'hospital' then coalesce(hospitals.partner_id, broken.owning_partner_id)
        else broken.owning_partner_id
    end as owner_partner_id,
    broken.owning_partner_id,
    broken.due_days,
    broken.escalate_to_role,
    broken.escalate_after_days,
    broken.agreement_id,
    round(broken.figure, 6) as figure,
    round(greatest(broken.patients, 0.0), 1) as patients,
    round(greatest(broken.days, 0.0), 1) as days,
    round(greatest(broken.patients, 0.0) * greatest(broken.days, 0.0), 1) as stake_score,
    broken.title,
    broken.ours_words,
    broken.theirs_words,
    broken.reason,
    {{ union_ids(lists=['broken.submission_ids', 'broken.criterion_ids']) }} as submission_ids
from broken
left join inherited
    on broken.key_code = inherited.key_code
    and broken.object_code = inherited.object_code
    and broken.week_start_date = inherited.week_start_date
left join places as plants on broken.site_id = plants.site_id
left join places as hospitals on broken.hospital_id = hospitals.site_id
cross join operators
