-- overdue_feed, overdue_commit, forecast_against_commit: what is owed and has not come, and what has come and does not suffice.
with operators as (
    select min(partner_id) as partner_id from {{ ref('stg_partner') }} where is_current and role = 'operator'
),

commits as (
    select * from {{ ref('fct_commits') }} where is_newest_version and week_start_date >= {{ planning_week() }}
),

unanswered as (
    select
        site_id,
        min(plant_name) as plant_name,
        min(plant_partner_id) as plant_partner_id,
        max(version_date) as version_date,
        min(due_date) as due_date,
        count(*) as weeks,
        {{ total('requested_starts') }} as requested,
        {{ all_ids('submission_ids') }} as submission_ids
    from commits
    where is_overdue
    group by 1
),

-- Sums over the weeks that were answered: what is short in one week and over in the next is no mismatch, small counts are chance.
answered as (
    select
        commits.site_id,
        commits.therapy_code,
        min(commits.plant_name) as plant_name,
        min(commits.plant_partner_id) as plant_partner_id,
        {{ total('commits.requested_starts') }} as requested,
        {{ total('commits.committed_starts') }} as committed,
        {{ total('commits.short_starts') }} as short,
        min(case when commits.is_mismatch then commits.week_start_date end) as first_week_start_date,
        max(case when commits.is_mismatch then commits.week_start_date end) as last_week_start_date,
        {{ ids('commits.reason_code') }} as reason_codes,
        {{ all_ids('commits.submission_ids') }} as submission_ids
    from commits
    where commits.is_answered
    group by 1, 2
),

-- A run of short weeks that slots bind says the same: one of the two.
bound as (
    select distinct object_code from {{ ref('int_exceptions__runs') }} where binding_constraint = 'slot'
),

mismatched as (
    select answered.*
    from answered
    {{ joins_poisson_limits('answered.requested', 'limits') }}
    left join bound on concat(answered.therapy_code, ':', answered.site_id) = bound.object_code
    where
        answered.short >= 1
        and bound.object_code is null
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
    where due.which = 'last' and due.state = 'missing' and due.feed <> 'capacity_commit'
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
    'plant' as object_kind,
    site_id as object_code,
    'standing' as week_kind,
    {{ planning_week() }} as week_start_date,
    {{ planning_week() }} as last_week_start_date,
    cast(null as {{ dbt.type_string() }}) as therapy_code,
    site_id,
    cast(null as {{ dbt.type_string() }}) as hospital_id,
    plant_partner_id as owning_partner_id,
    cast({{ date_days('due_date', planning_date()) }} as double) as measure,
    requested as figure,
    0.0 as patients,
    0.0 as days,
    concat(
        plant_name, ' has not answered the forecast of ', cast(version_date as {{ dbt.type_string() }}), ' for ',
        {{ counted_words('weeks', 'week', 'weeks') }}
    ) as title,
    concat({{ counted_words('requested', 'start is', 'starts are') }}, ' asked for') as ours_words,
    concat('The answer was due on ', cast(due_date as {{ dbt.type_string() }})) as theirs_words,
    'The plan goes on with the slots that the plant offers.' as reason,
    submission_ids
from unanswered
union all
select
    'forecast_against_commit' as criterion_code,
    'forecast_against_commit' as key_code,
    'plant' as object_kind,
    concat(therapy_code, ':', site_id) as object_code,
    'standing' as week_kind,
    {{ planning_week() }} as week_start_date,
    last_week_start_date,
    therapy_code,
    site_id,
    cast(null as {{ dbt.type_string() }}) as hospital_id,
    plant_partner_id as owning_partner_id,
    100.0 * short / requested as measure,
    short as figure,
    short as patients,
    7.0 as days,
    concat(
        plant_name, ' commits to ', {{ plain_number('committed') }}, ' of ', {{ plain_number('requested') }}, ' starts asked for ',
        {{ span_words('first_week_start_date', 'last_week_start_date') }}
    ) as title,
    concat({{ counted_words('requested', 'start is', 'starts are') }}, ' asked for') as ours_words,
    concat({{ counted_words('committed', 'start is', 'starts are') }}, ' committed') as theirs_words,
    case
        when {{ count_of('reason_codes') }} = 0 then 'The plant gives no reason.'
        else concat('The plant says: ', replace({{ joined('reason_codes') }}, '_', ' '), '.')
    end as reason,
    submission_ids
from mismatched
