{# Numbers as people write them: 3, 2.5; never 3.0. #}
{% macro plain_number(value) -%} {{ adapter.dispatch('plain_number')(value) }} {%- endmacro %}
{% macro default__plain_number(value) -%} regexp_replace(format_number({{ value }}, '0.#'), '[.]$', '') {%- endmacro %}
{% macro duckdb__plain_number(value) -%}
    case when abs({{ value }} - round({{ value }})) < 0.05 then cast(cast(round({{ value }}) as bigint) as varchar) else cast(round({{ value }}, 1) as varchar) end
{%- endmacro %}

{# Why somebody waits although the week as a whole is not short. #}
{% macro waiting_rule(allocation_rule) -%}
case {{ allocation_rule }}
    when 'quota' then 'its quota of this week is used up.'
    when 'pro_rata' then 'starts are shared in proportion to the forecast.'
    else 'those who came first start first.'
end
{%- endmacro %}
