-- overdue_feed, overdue_commit, forecast_against_commit: what is owed and has not come, and what has come and does not suffice.
with operators as (
    select min(partner_id) as partner_id from {{ ref('stg_partner') }} where is_current and role = 'operator'
),

-- Plants answer in starts, suppliers in doses and couriers in shipments: `bound_code` is what a run of short weeks would name.
commits as (
    select
        'plant' as object_kind,
        site_id as sender_code,
        plant_name as sender_name,
        plant_partner_id as sender_partner_id,
        concat(therapy_code, ':', site_id) as object_code,
        concat(therapy_code, ':', site_id) as bound_code,
        '' as object_words,
        therapy_code,
        site_id,
        week_start_date,
        version_date,
        due_date,
        is_overdue,
        is_answered,
        is_mismatch,
        requested_starts as requested,
        committed_starts as committed,
        short_starts as short,
        1.0 as per_patient,
        reason_code,
        submission_ids
    from {{ ref('fct_commits') }}
    where is_newest_version and week_start_date >= {{ planning_week() }}
    union all
    select
        case resource_kind when 'lane' then 'courier' else 'supplier' end as object_kind,
        partner_id as sender_code,
        partner_name as sender_name,
        partner_id as sender_partner_id,
        concat(partner_id, ':', resource_code) as object_code,
        resource_code as bound_code,
        case resource_kind when 'lane' then concat(' on the lane ', resource_name) else concat(' of ', resource_name) end as object_words,
        cast(null as {{ dbt.type_string() }}) as therapy_code,
        cast(null as {{ dbt.type_string() }}) as site_id,
        week_start_date,
        version_date,
        due_date,
        is_overdue,
        is_answered,
        is_mismatch,
        requested_quantity as requested,
        committed_quantity as committed,
        short_quantity as short,
        coalesce(requested_quantity / nullif(requested_patients, 0), 1.0) as per_patient,
        reason_code,
        submission_ids
    from {{ ref('fct_supply_commits') }}
    where is_newest_version and week_start_date >= {{ planning_week() }}
),

unanswered as (
    select
        object_kind,
        sender_code,
        min(sender_name) as sender_name,
        min(sender_partner_id) as sender_partner_id,
        min(site_id) as site_id,
        max(version_date) as version_date,
        min(due_date) as due_date,
        count(distinct week_start_date) as weeks,
        {{ total('requested') }} as requested,
        {{ all_ids('submission_ids') }} as submission_ids
    from commits
    where is_overdue
    group by 1, 2
),

-- Sums over the weeks that were answered: what is short in one week and over in the next is no mismatch, small counts are chance.
answered as (
    select
        object_kind,
        object_code,
        min(bound_code) as bound_code,
        min(object_words) as object_words,
        min(therapy_code) as therapy_code,
        min(site_id) as site_id,
        min(sender_name) as sender_name,
        min(sender_partner_id) as sender_partner_id,
        {{ total('requested') }} as requested,
        {{ total('committed') }} as committed,
        {{ total('short') }} as short,
        {{ total('short / per_patient') }} as patients,
        min(case when is_mismatch then week_start_date end) as first_week_start_date,
        max(case when is_mismatch then week_start_date end) as last_week_start_date,
        {{ ids('reason_code') }} as reason_codes,
        {{ all_ids('submission_ids') }} as submission_ids
    from commits
    where is_answered
    group by 1, 2
),

runs as (
    select * from {{ ref('int_exceptions__runs') }}
),

-- A run of short weeks that slots, vector or couriers bind says the same: one of the two.
bound as (
    select 'plant' as object_kind, object_code as bound_code from runs where binding_constraint = 'slot'
    union
    select 'supplier' as object_kind, links.resource_code as bound_code
    from runs
    inner join {{ ref('int_versions__supply_links') }} as links
        on links.resource_kind = 'vector' and runs.object_code = concat(links.therapy_code, ':', links.site_id)
    where runs.binding_constraint = 'vector'
    union
    select 'courier' as object_kind, links.resource_code as bound_code
    from runs
    inner join {{ ref('int_versions__supply_links') }} as links
        on links.resource_kind = 'lane' and runs.object_code = concat(links.therapy_code, ':', links.site_id)
    where runs.binding_constraint in ('courier', 'container')
),

mismatched as (
    select answered.*
    from answered
    {{ joins_poisson_limits('answered.requested', 'limits') }}
    left join bound on answered.object_kind = bound.object_kind and answered.bound_code = bound.bound_code
    where
        answered.short >= 1
        and bound.bound_code is null
        and {{ is_beyond_chance('answered.committed', 'answered.requested', 'limits') }}
),

missing as (
    select
        due.partner_id,
        min(due.partner_name) as partner_name,
        min(due.due_at) as due_at,
        {{ ids("replace(due.feed, '_', ' ')") }} as feeds,
        {{ all_ids('due.submission_ids') }} as submission_ids
    from {{ ref('fct_due') }} as due
    -- The commit itself is named below, with what it would answer.
    where due.which = 'last' and due.state = 'missing' and due.feed not in ('capacity_commit', 'supply_commit')
    group by 1
)

select
    'overdue_feed' as criterion_code,
    'overdue_feed' as key_code,
    'partner' as object_kind,
    missing.partner_id as object_code,
    'standing' as week_kind,
    {{ planning_week() }} as week_start_date,
    {{ planning_week() }} as last_week_start_date,
    cast(null as {{ dbt.type_string() }}) as therapy_code,
    cast(null as {{ dbt.type_string() }}) as site_id,
    cast(null as {{ dbt.type_string() }}) as hospital_id,
    operators.partner_id as owning_partner_id,
    cast({{ date_days('cast(missing.due_at as date)', planning_date()) }} as double) as measure,
    cast({{ count_of('missing.feeds') }} as double) as figure,
    0.0 as patients,
    0.0 as days,
    concat(missing.partner_name, ' owes ', {{ counted_words(count_of('missing.feeds'), 'file', 'files') }}, ': ', {{ joined('missing.feeds') }}) as title,
    concat('Due since ', cast(cast(missing.due_at as date) as {{ dbt.type_string() }})) as ours_words,
    'Nothing has come' as theirs_words,
    'The plan goes on with what the partner sent before.' as reason,
    missing.submission_ids
from missing
cross join operators
union all
select
    'overdue_commit' as criterion_code,
    'overdue_commit' as key_code,
    object_kind,
    sender_code as object_code,
    'standing' as week_kind,
    {{ planning_week() }} as week_start_date,
    {{ planning_week() }} as last_week_start_date,
    cast(null as {{ dbt.type_string() }}) as therapy_code,
    site_id,
    cast(null as {{ dbt.type_string() }}) as hospital_id,
    sender_partner_id as owning_partner_id,
    cast({{ date_days('due_date', planning_date()) }} as double) as measure,
    requested as figure,
    0.0 as patients,
    0.0 as days,
    concat(
        sender_name, ' has not answered the forecast of ', cast(version_date as {{ dbt.type_string() }}), ' for ',
        {{ counted_words('weeks', 'week', 'weeks') }}
    ) as title,
    concat({{ committed_words('object_kind', 'requested', ' is', ' are') }}, ' asked for') as ours_words,
    concat('The answer was due on ', cast(due_date as {{ dbt.type_string() }})) as theirs_words,
    case object_kind
        when 'plant' then 'The plan goes on with the slots that the plant offers.'
        when 'supplier' then 'The plan goes on with the lots and runs that the supplier shows.'
        else 'The plan goes on with the shipments that the lane carries a week.'
    end as reason,
    submission_ids
from unanswered
union all
select
    'forecast_against_commit' as criterion_code,
    'forecast_against_commit' as key_code,
    object_kind,
    object_code,
    'standing' as week_kind,
    {{ planning_week() }} as week_start_date,
    last_week_start_date,
    therapy_code,
    site_id,
    cast(null as {{ dbt.type_string() }}) as hospital_id,
    sender_partner_id as owning_partner_id,
    100.0 * short / requested as measure,
    short as figure,
    patients,
    7.0 as days,
    concat(
        sender_name, ' commits to ', {{ plain_number('committed') }}, ' of ', {{ plain_number('requested') }}, ' ',
        {{ committed_unit('object_kind') }}, object_words, ' asked for ', {{ span_words('first_week_start_date', 'last_week_start_date') }}
    ) as title,
    concat({{ committed_words('object_kind', 'requested', ' is', ' are') }}, ' asked for') as ours_words,
    concat({{ committed_words('object_kind', 'committed', ' is', ' are') }}, ' committed') as theirs_words,
    case
        when {{ count_of('reason_codes') }} = 0 then concat('The ', object_kind, ' gives no reason.')
        else concat('The ', object_kind, ' says: ', replace({{ joined('reason_codes') }}, '_', ' '), '.')
    end as reason,
    submission_ids
from mismatched
