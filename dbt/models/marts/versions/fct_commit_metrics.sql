-- How well plants answer, deliver and keep to their plan, per plant and therapy and for the network.
with promised as (
    select * from {{ ref('int_versions__promised') }}
    where week_start_date >= {{ add_days(planning_week(), '-7 * ' ~ var('accuracy_weeks', 26)) }}
),

commits as (
    select * from {{ ref('fct_commits') }}
),

-- One observation per metric, plant, therapy and cell.
observations as (
    select
        'commit_to_request' as metric_code, site_id, therapy_code, least(committed_starts, requested_starts) as numerator,
        requested_starts as denominator, submission_ids
    from promised
    where requested_starts is not null
    union all
    select
        'over_commit' as metric_code, site_id, therapy_code, greatest(committed_starts - requested_starts, 0.0) as numerator,
        1.0 as denominator, submission_ids
    from promised
    where requested_starts is not null
    union all
    select
        'commit_reliability' as metric_code, site_id, therapy_code, least(starts, committed_starts, requested_starts) as numerator,
        least(committed_starts, requested_starts) as denominator, submission_ids
    from promised
    where requested_starts is not null
    union all
    select
        'plan_attainment' as metric_code, site_id, therapy_code, least(starts, planned_starts) as numerator, planned_starts as denominator,
        submission_ids
    from promised
    where planned_starts is not null
    union all
    select
        'plan_adherence' as metric_code, site_id, therapy_code, starts_in_planned_week as numerator, booked_and_started as denominator,
        submission_ids
    from promised
    where planned_starts is not null
    union all
    select
        'commit_coverage' as metric_code, site_id, therapy_code, case when is_on_time then requested_starts else 0.0 end as numerator,
        requested_starts as denominator, submission_ids
    from commits
    where is_answered or due_date < {{ planning_date() }}
),

sliced as (
    select
        observations.metric_code,
        slices.slice_kind,
        case when slices.slice_kind = 'plant' then observations.site_id end as site_id,
        case when slices.slice_kind = 'plant' then observations.therapy_code end as therapy_code,
        observations.numerator,
        observations.denominator,
        observations.submission_ids
    from observations
    cross join (select 'plant' as slice_kind union all select 'network') as slices
),

ratios as (
    select
        metric_code,
        slice_kind,
        site_id,
        therapy_code,
        case
            when metric_code = 'over_commit' then round({{ total('numerator') }}, 6)
            else round(100.0 * {{ total('numerator') }} / nullif({{ total('denominator') }}, 0), 6)
        end as value,
        round({{ total('numerator') }}, 6) as numerator,
        case when metric_code <> 'over_commit' then round({{ total('denominator') }}, 6) end as denominator,
        cast(count(*) as bigint) as n,
        {{ all_ids('submission_ids') }} as submission_ids
    from sliced
    group by 1, 2, 3, 4
),

-- A version is answered once, however many weeks it has.
responses as (
    select
        site_id,
        therapy_code,
        version_date,
        min(response_hours) as response_hours,
        max(case when is_overdue then 1 else 0 end) as overdue,
        {{ all_ids('submission_ids') }} as submission_ids
    from commits
    group by 1, 2, 3
),

sliced_responses as (
    select
        slices.slice_kind,
        case when slices.slice_kind = 'plant' then responses.site_id end as site_id,
        case when slices.slice_kind = 'plant' then responses.therapy_code end as therapy_code,
        responses.response_hours,
        responses.overdue,
        responses.submission_ids
    from responses
    cross join (select 'plant' as slice_kind union all select 'network') as slices
),

times as (
    {%- for metric, value in [
        ('response_time_p50', quantile('response_hours', 0.5)), ('response_time_p90', quantile('response_hours', 0.9)), ('commits_overdue', 'sum(overdue)')
    ] %}
    select
        '{{ metric }}' as metric_code,
        slice_kind,
        site_id,
        therapy_code,
        round(cast({{ value }} as double), 6) as value,
        cast(null as double) as numerator,
        cast(null as double) as denominator,
        cast({{ 'count(*)' if metric == 'commits_overdue' else 'count(response_hours)' }} as bigint) as n,
        {{ all_ids('submission_ids') }} as submission_ids
    from sliced_responses
    group by 1, 2, 3, 4
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

words as (
    {%- for code, unit, formula, zero_rule in [
        ('commit_to_request', '%', 'sum of min(committed, requested) ÷ requested', 'empty when nothing was requested; a week never answered counts as 0 committed'),
        ('commit_coverage', '%', 'requested starts answered by the deadline ÷ requested starts', 'empty when nothing was requested; not answered counts as 0'),
        ('over_commit', 'starts', 'sum of max(committed - requested, 0)', '0 when no commit exceeds its request'),
        ('commit_reliability', '%', 'sum of min(started in the week, promised) ÷ promised; promised = min(committed, requested)', 'empty when nothing was promised'),
        ('plan_attainment', '%', 'sum of min(started, planned) ÷ planned; planned = slots booked', 'empty when nothing was planned'),
        ('plan_adherence', '%', 'booked starts done in their planned week ÷ booked starts done', 'empty when nothing was started'),
        ('response_time_p50', 'hours', 'median of forecast received → commit received', 'not answered yet is left out'),
        ('response_time_p90', 'hours', '90th percentile of forecast received → commit received', 'not answered yet is left out'),
        ('commits_overdue', 'versions', 'newest forecast versions not answered by their deadline', '0 when all are answered'),
    ] %}
    select '{{ code }}' as metric_code, '{{ unit }}' as unit, '{{ formula }}' as formula, '{{ zero_rule }}' as zero_rule
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

measured as (
    select * from ratios
    union all
    select * from times
)

select
    measured.metric_code,
    measured.slice_kind,
    measured.site_id,
    plants.site_name as plant_name,
    plants.partner_id as plant_partner_id,
    measured.therapy_code,
    measured.value,
    words.unit,
    words.formula,
    measured.numerator,
    measured.denominator,
    measured.n,
    case when words.unit = 'hours' or measured.metric_code = 'commits_overdue' then 'plant, therapy and forecast version' else 'plant, therapy and week of start' end
        as level,
    case measured.metric_code
        when 'commit_coverage' then 'every version'
        when 'plan_attainment' then 'as booked last'
        when 'plan_adherence' then 'as booked last'
        when 'commit_to_request' then 'the last version answered before the week'
        when 'over_commit' then 'the last version answered before the week'
        when 'commit_reliability' then 'the last version answered before the week'
        else 'every version'
    end as lag,
    case when measured.metric_code in ('over_commit', 'response_time_p50', 'response_time_p90', 'commits_overdue') then 'lower is better' else 'higher is better' end
        as sign_convention,
    words.zero_rule,
    measured.submission_ids
from measured
inner join words on measured.metric_code = words.metric_code
left join {{ ref('int_sites__named') }} as plants on measured.site_id = plants.site_id
