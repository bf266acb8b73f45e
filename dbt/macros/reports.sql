{# The views that every role has, cut to the partners of that role. The operator's cover everybody. #}

{% macro partners_of(role) -%}
    select partner_id from {{ ref('stg_partner') }} where is_current and role = '{{ role }}'
{%- endmacro %}

{% macro report_feed_status(role) %}
select *
from {{ ref('fct_feed_status') }}
{% if role != 'operator' %}where role = '{{ role }}'{% endif %}
{% endmacro %}

{% macro report_submissions(role) %}
select
    partner_id,
    submission_id,
    feed,
    file_name,
    status,
    rows_sent,
    rows_accepted,
    rows_refused,
    as_of,
    contract_version,
    supersedes,
    {{ union_ids(singles=['submission_id']) }} as submission_ids
from {{ source('register', 'submission') }}
where
    {{ is_known() }}
    {% if role != 'operator' %}and partner_id in ({{ partners_of(role) }}){% endif %}
{% endmacro %}

{% macro report_refusals(role) %}
select
    refusals.partner_id,
    refusals.submission_id,
    refusals.feed,
    submissions.file_name,
    submissions.as_of,
    refusals.row_number,
    refusals.column_name,
    refusals.rule,
    {%- if role != 'operator' %}
    {#- What a partner typed is between the partner and the door. #}
    refusals.found,
    {%- endif %}
    refusals.expected,
    refusals.hint,
    {{ union_ids(singles=['refusals.submission_id']) }} as submission_ids
from {{ source('register', 'refusal') }} as refusals
inner join {{ source('register', 'submission') }} as submissions on refusals.submission_id = submissions.submission_id
where
    {{ is_known('submissions.as_of', 'submissions.is_agreed') }}
    {% if role != 'operator' %}and refusals.partner_id in ({{ partners_of(role) }}){% endif %}
{% endmacro %}

{# A total over the horizon that rests on some patients, and on fewer than the agreements allow to be shown to another partner. #}
{% macro is_below_cohort(patients, minimum_cohort) -%}
({{ patients }} > 0 and {{ patients }} < coalesce({{ minimum_cohort }}, {{ var('minimum_cohort') }}))
{%- endmacro %}

{% macro report_unplaced(role) %}
select *
from {{ ref('fct_unplaced_rows') }}
{% if role != 'operator' %}where partner_id in ({{ partners_of(role) }}){% endif %}
{% endmacro %}

{% macro report_open_references(role) %}
select *
from {{ ref('fct_open_references') }}
{% if role != 'operator' %}where partner_id in ({{ partners_of(role) }}){% endif %}
{% endmacro %}

{% macro report_due(role) %}
select *
from {{ ref('fct_due') }}
{% if role != 'operator' %}where role = '{{ role }}'{% endif %}
{% endmacro %}

{% macro report_about() %}
select
    {{ planning_date() }} as planning_date,
    {{ versions_kept_from() }} as versions_kept_from,
    max(as_of) as data_as_of,
    count(*) as submissions
from {{ source('register', 'submission') }}
where {{ is_known() }}
{% endmacro %}

{# All columns but `role`: it only says in which audience's file the row goes. #}
{% macro report_exceptions(role) %}
select
    partner_id, exception_key, criterion_code, criterion_name, title, week_start_date, iso_week, first_week_start_date,
    last_week_start_date, therapy_code, site_id, plant_partner_id, hospital_id, hospital_partner_id, object_kind, object_code,
    owning_partner_id, severity, patients, days, stake_score, figure, place, owner_role, owner_partner_id, owner_name, due_date,
    is_overdue, escalated_to_role, opened_on, cleared_on, age_days, times_opened, state, state_words, state_by, state_at, option_code,
    reason_code, note, ours_words, theirs_words, reason, submission_ids
from {{ ref('int_exceptions__partner_views') }}
where role = '{{ role }}'
{% endmacro %}

{# A partner sees rows of its own files only. #}
{% macro report_exception_rows(role) %}
select exception_key, submission_id, feed, partner_id, file_name, sent_at, row_number, submission_ids
from {{ ref('fct_exception_rows') }}
{% if role != 'operator' %}where partner_id in ({{ partners_of(role) }}){% endif %}
{% endmacro %}

{% macro report_supply_commits(role) %}
select
    partner_id, partner_name, resource_kind, resource_code, resource_name, unit_code, week_start_date, iso_week, grain, version_date,
    is_newest_version, requested_quantity, committed_quantity, short_quantity, over_quantity, is_mismatch, is_short_without_reason,
    reason_code, note, last_answered_version_date, changed_since_last_answer, commit_change, due_date, first_answered_at, answered_at,
    is_answered, is_on_time, is_overdue, response_hours, submission_ids
from {{ ref('fct_supply_commits') }}
{% if role != 'operator' %}where partner_id in ({{ partners_of(role) }}){% endif %}
{% endmacro %}

