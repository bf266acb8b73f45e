{# Which feeds which role sends, and when they are due: one row per feed and role, read from the contracts' terms in the sources. A feed
   that its contract asks for at no time has no day; an agreement may give it one. #}
{% macro expected_feeds() -%}
{%- set rows = [] -%}
{%- if execute -%}
    {%- for node in graph.sources.values() | selectattr('source_name', 'equalto', 'landing') | sort(attribute='name') -%}
        {%- set terms = node.config.meta or node.meta -%}
        {%- set due = "cast(null as integer) as due_weekday, cast(null as " ~ dbt.type_string() ~ ") as due_clock" -%}
        {%- if terms.cadence -%}
            {%- set cron = terms.cadence.split() -%}
            {%- if cron[2:4] != ['*', '*'] or cron[4] not in weekdays() -%}
                {%- do exceptions.raise_compiler_error(node.name ~ ": the schedule '" ~ terms.cadence ~ "' is not one time of day on one weekday") -%}
            {%- endif -%}
            {%- set clock = '%02d:%02d:00' | format(cron[1] | int, cron[0] | int) -%}
            {%- set due = weekdays()[cron[4]] ~ " as due_weekday, '" ~ clock ~ "' as due_clock" -%}
        {%- endif -%}
        {%- for role in terms.senders -%}
            {%- do rows.append("select '" ~ node.name ~ "' as feed, '" ~ role ~ "' as role, " ~ due) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endif -%}
{{ rows | join('\n    union all\n    ') if rows else "select '' as feed, '' as role, 1 as due_weekday, '12:00:00' as due_clock" }}
{%- endmacro %}

{# Monday is 1. #}
{% macro weekdays() -%} {{ return({'MON': 1, 'TUE': 2, 'WED': 3, 'THU': 4, 'FRI': 5, 'SAT': 6, 'SUN': 7}) }} {%- endmacro %}

{% macro weekday_no(name) -%}
case {{ name }}{% for day, number in weekdays().items() %} when '{{ day }}' then {{ number }}{% endfor %} end
{%- endmacro %}

{# Monday is 1. #}
{% macro iso_weekday(day) -%} ({{ date_days(week_start(day), day) }} + 1) {%- endmacro %}
