{# Dates and times: the planning date, ISO weeks, spans of days. Engine differences sit here and in lists.sql, nowhere else. #}

{% macro planning_date() -%} cast('{{ var("planning_date") }}' as date) {%- endmacro %}

{# The first moment that the plan does not know any more: midnight UTC after the planning date. #}
{% macro knowledge_ends_at() -%} {{ as_timestamp(add_days(planning_date(), 1)) }} {%- endmacro %}

{# Whether the plan knows a submission: it came in time, or partners agreed on this plan with it. #}
{% macro is_known(arrived_at='as_of', is_agreed='is_agreed') -%}
({{ arrived_at }} < {{ knowledge_ends_at() }} or coalesce({{ is_agreed }}, false))
{%- endmacro %}

{% macro planning_week() -%} {{ week_start(planning_date()) }} {%- endmacro %}

{# The first day whose forecasts this plan still tells: the waterfall's first cycle. A day before it is asked of an edition of its time. #}
{% macro versions_kept_from() -%} {{ add_days(planning_week(), '-7 * ' ~ var('waterfall_cycles')) }} {%- endmacro %}
{% macro as_timestamp(day) -%} {{ adapter.dispatch('as_timestamp')(day) }} {%- endmacro %}
{% macro default__as_timestamp(day) -%} cast({{ day }} as timestamp) {%- endmacro %}
{% macro duckdb__as_timestamp(day) -%} cast({{ day }} as timestamp with time zone) {%- endmacro %}

{# Monday of the ISO week of a date. #}
{% macro week_start(day) -%} cast(date_trunc('week', {{ day }}) as date) {%- endmacro %}

{# 2026-W48 #}
{% macro iso_week(day) -%} {{ adapter.dispatch('iso_week')(day) }} {%- endmacro %}
{% macro default__iso_week(day) -%}
    concat(cast(extract(yearofweek from {{ day }}) as string), '-W', lpad(cast(weekofyear({{ day }}) as string), 2, '0'))
{%- endmacro %}
{% macro duckdb__iso_week(day) -%} strftime({{ day }}, '%G-W%V') {%- endmacro %}

{% macro add_days(day, days) -%} {{ adapter.dispatch('add_days')(day, days) }} {%- endmacro %}
{% macro default__add_days(day, days) -%} date_add({{ day }}, cast({{ days }} as int)) {%- endmacro %}
{% macro duckdb__add_days(day, days) -%} ({{ day }} + cast({{ days }} as integer)) {%- endmacro %}

{# Whole days from one date to another. #}
{% macro date_days(first, last) -%} {{ adapter.dispatch('date_days')(first, last) }} {%- endmacro %}
{% macro default__date_days(first, last) -%} datediff({{ last }}, {{ first }}) {%- endmacro %}
{% macro duckdb__date_days(first, last) -%} date_diff('day', {{ first }}, {{ last }}) {%- endmacro %}

{# Awaited for more than one day: the day's own report may still be on its way. #}
{% macro is_overdue(awaited_date) -%} coalesce({{ date_days(awaited_date, planning_date()) }} > 1, false) {%- endmacro %}
{% macro overdue_days(awaited_date) -%}
    case when {{ date_days(awaited_date, planning_date()) }} > 1 then {{ date_days(awaited_date, planning_date()) }} end
{%- endmacro %}

{# Days, with fractions, from one moment to another; six places, so that no summation order can show. #}
{% macro days_between(first, last) -%} round({{ hours_between(first, last) }} / 24.0, 6) {%- endmacro %}
{% macro hours_between(first, last) -%} {{ adapter.dispatch('hours_between')(first, last) }} {%- endmacro %}
{% macro default__hours_between(first, last) -%} ((unix_micros({{ last }}) - unix_micros({{ first }})) / 3600000000.0) {%- endmacro %}
{% macro duckdb__hours_between(first, last) -%} ((epoch_us({{ last }}) - epoch_us({{ first }})) / 3600000000.0) {%- endmacro %}

{# Date on the calendar of a place. #}
{% macro local_date(moment, zone) -%} {{ adapter.dispatch('local_date')(moment, zone) }} {%- endmacro %}
{% macro default__local_date(moment, zone) -%} cast(from_utc_timestamp({{ moment }}, {{ zone }}) as date) {%- endmacro %}
{% macro duckdb__local_date(moment, zone) -%} cast(timezone({{ zone }}, {{ moment }}) as date) {%- endmacro %}

{# Moment of a clock time on a date at a place. #}
{% macro local_moment(day, clock, zone) -%} {{ adapter.dispatch('local_moment')(day, clock, zone) }} {%- endmacro %}
{% macro default__local_moment(day, clock, zone) -%}
    to_utc_timestamp(cast(concat(cast({{ day }} as string), ' ', {{ clock }}) as timestamp), {{ zone }})
{%- endmacro %}
{% macro duckdb__local_moment(day, clock, zone) -%} timezone({{ zone }}, {{ day }} + cast({{ clock }} as time)) {%- endmacro %}

{# One row per whole number from 0 to n-1, column week_no. #}
{% macro numbers(n) -%} {{ adapter.dispatch('numbers')(n) }} {%- endmacro %}
{% macro default__numbers(n) -%} select cast(id as int) as week_no from range({{ n }}) {%- endmacro %}
{% macro duckdb__numbers(n) -%} select cast(range as integer) as week_no from range({{ n }}) {%- endmacro %}

{# 2026-Q3 #}
{% macro quarter_label(day) -%}
    concat(substr(cast({{ day }} as {{ dbt.type_string() }}), 1, 4), '-Q', cast(extract(quarter from {{ day }}) as {{ dbt.type_string() }}))
{%- endmacro %}
