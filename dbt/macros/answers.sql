{# Answers to forecast versions: what each version asked of a line, and what was answered. `by` names the columns of a line: plant and therapy,
   or partner and resource. #}

{# The versions that a line answered, and those that it was asked to answer and has not: a version per cycle in which one of its hospitals
   sent. A line that has never answered anything is asked for the newest only. `lines` has a row per line and hospital. #}
{% macro asked_versions(by, answers, lines) -%}
{%- set line = by | join(', ') -%}
with answered as (
    select distinct {{ line }}, version_date, {{ week_start('version_date') }} as cycle_week
    from {{ answers }}
    where version_date <= {{ planning_date() }}
),

sent as (
    select distinct hospital_id, {{ week_start('stated_date') }} as cycle_week
    from {{ ref('int_versions__coverage') }}
),

lines as (
    select distinct hospital_id, {{ line }} from {{ lines }}
),

cycles as (
    select distinct
        {{ each('lines', by) }},
        sent.cycle_week,
        least({{ add_days('sent.cycle_week', 6) }}, {{ planning_date() }}) as version_date
    from lines
    inner join sent on lines.hospital_id = sent.hospital_id
    where sent.cycle_week >= {{ add_days(planning_week(), '-7 * ' ~ var('accuracy_weeks', 26)) }}
),

beginnings as (
    select {{ line }}, min(cycle_week) as first_cycle from answered group by {{ line }}
),

newest as (
    select {{ line }}, max(cycle_week) as last_cycle from cycles group by {{ line }}
)

select {{ line }}, version_date, cycle_week, true as is_answered
from answered
union all
select {{ each('cycles', by) }}, cycles.version_date, cycles.cycle_week, false as is_answered
from cycles
inner join newest on {{ alike('cycles', 'newest', by) }}
left join beginnings on {{ alike('cycles', 'beginnings', by) }}
left join answered on {{ alike('cycles', 'answered', by + ['cycle_week']) }}
where answered.version_date is null and cycles.cycle_week >= coalesce(beginnings.first_cycle, newest.last_cycle)
{%- endmacro %}

{# What the hospitals' forecasts asked a line for, as each version had them. `links` says which hospital's week of collection a line has to do
   with, in which week and how much per patient. Ends in the relation `requested`, in patients and in the line's own unit. #}
{% macro requested_versions(by, asked, links, per_patient='1.0') -%}
with asked as (
    select * from {{ asked }}
),

links as (
    select * from {{ links }}
),

in_force as (
    select * from {{ ref('int_versions__in_force') }}
    where cut_date in (select version_date from asked)
),

requested as (
    select
        {{ each('asked', by) }},
        links.week_start_date,
        asked.version_date,
        asked.cycle_week,
        round(sum(forecasts.patients), 6) as patients,
        round(sum(forecasts.patients * {{ per_patient }}), 6) as quantity,
        max(in_force.stated_at) as stated_at,
        {{ ids('forecasts.submission_id') }} as submission_ids
    from asked
    inner join links on {{ alike('asked', 'links', by) }}
    inner join in_force
        on links.hospital_id = in_force.hospital_id
        and links.collection_week_start_date = in_force.week_start_date
        and asked.version_date = in_force.cut_date
    inner join {{ ref('int_versions__forecasts') }} as forecasts
        on in_force.sender_partner_id = forecasts.sender_partner_id
        and in_force.version_id = forecasts.version_id
        and in_force.hospital_id = forecasts.hospital_id
        and in_force.week_start_date = forecasts.week_start_date
        and links.therapy_code = forecasts.therapy_code
    where links.week_start_date >= asked.cycle_week
    group by {{ each('asked', by) }}, links.week_start_date, asked.version_date, asked.cycle_week
)
{%- endmacro %}

{# Requests and answers side by side, week by week and version by version, and what changed since the last answer. `terms` gives the days a line
   has to respond, `also` columns that only the answers have. Ends in the relation `judged`; its quantities are `requested` and `committed`. #}
{% macro answered_versions(by, requests, answers, terms, requested, committed, also=[]) -%}
{%- set week = by + ['week_start_date', 'version_date'] -%}
with requests as (
    select * from {{ requests }}
),

answers as (
    select * from {{ answers }}
),

terms as (
    {{ terms }}
),

keys as (
    select {{ week | join(', ') }} from requests
    union
    select {{ week | join(', ') }} from answers
),

newest as (
    select {{ by | join(', ') }}, max(version_date) as version_date from keys group by {{ by | join(', ') }}
),

joined as (
    select
        {{ each('keys', week) }},
        newest.version_date is not null as is_newest_version,
        coalesce(requests.{{ requested }}, 0.0) as requested,
        requests.stated_at,
        answers.{{ committed }} as committed,
        {%- for column in also + ['reason_code', 'note', 'first_answered_at', 'answered_at'] %}
        answers.{{ column }},
        {%- endfor %}
        answers.answered_at is not null as is_answered,
        {{ add_days('keys.version_date', 'coalesce(terms.response_days, 3)') }} as due_date,
        {{ union_ids(lists=['requests.submission_ids', 'terms.submission_ids'], singles=['answers.submission_id']) }} as submission_ids
    from keys
    left join requests on {{ alike('keys', 'requests', week) }}
    left join answers on {{ alike('keys', 'answers', week) }}
    left join terms on {{ alike('keys', 'terms', by) }}
    left join newest on {{ alike('keys', 'newest', by + ['version_date']) }}
),

followed as (
    select
        joined.*,
        max(case when is_answered then version_date end) over (
            partition by {{ (by + ['week_start_date']) | join(', ') }}
            order by version_date rows between unbounded preceding and 1 preceding
        ) as last_answered_version_date
    from joined
),

judged as (
    select
        followed.*,
        case when followed.is_answered then round(greatest(followed.requested - followed.committed, 0.0), 6) end as short,
        case when followed.is_answered then round(greatest(followed.committed - followed.requested, 0.0), 6) end as over_asked,
        -- Compared to a tenth, as screens show it: who answers 1 where 1.01 is asked is not short.
        followed.is_answered and round(followed.requested, 1) > round(followed.committed, 1) as is_mismatch,
        followed.is_answered
        and round(followed.requested, 1) > round(followed.committed, 1)
        and followed.reason_code is null as is_short_without_reason,
        round(followed.requested - earlier.requested, 6) as changed_since_last_answer,
        round(followed.committed - earlier.committed, 6) as commit_change,
        followed.is_answered and cast(followed.first_answered_at as date) <= followed.due_date as is_on_time,
        -- An older version that was never answered is superseded by the newest: one reminder, not one per week that passed.
        not followed.is_answered and followed.is_newest_version and {{ planning_date() }} > followed.due_date as is_overdue,
        {{ hours_between('followed.stated_at', 'followed.first_answered_at') }} as response_hours
    from followed
    left join joined as earlier
        on {{ alike('followed', 'earlier', by + ['week_start_date']) }} and followed.last_answered_version_date = earlier.version_date
)
{%- endmacro %}

{# Newest answer of a feed to each forecast version of a line, week by week. #}
{% macro newest_answers(feed, by, columns) -%}
{%- set week = by + ['week_start_date', 'forecast_version_date'] -%}
with answers as (
    select
        *,
        row_number() over (partition by {{ week | join(', ') }} order by stated_at desc, submission_id desc, row_number desc) as choice,
        min(as_of) over (partition by {{ week | join(', ') }}) as first_answered_at
    from {{ ref('stg_' ~ feed) }}
    where is_own
)

select
    {{ by | join(', ') }},
    week_start_date,
    forecast_version_date as version_date,
    {{ columns | join(', ') }},
    reason_code,
    note,
    first_answered_at,
    as_of as answered_at,
    submission_id
from answers
where choice = 1
{%- endmacro %}

{# a.x, a.y #}
{% macro each(relation, columns) -%} {{ relation }}.{{ columns | join(', ' ~ relation ~ '.') }} {%- endmacro %}

{# a.x = b.x and a.y = b.y #}
{% macro alike(one, other, columns) -%}
{%- for column in columns %}{{ one }}.{{ column }} = {{ other }}.{{ column }}{{ ' and ' if not loop.last }}{% endfor -%}
{%- endmacro %}
