{# The number that a mapping (a dbt var) gives for the value of a column; `otherwise` where it names none. #}
{% macro value_by(column, mapping, otherwise='null') -%}
{%- if mapping -%}
case {{ column }}{% for name, value in mapping.items() %} when '{{ name }}' then {{ value }}{% endfor %} else {{ otherwise }} end
{%- else -%}
{{ otherwise }}
{%- endif -%}
{%- endmacro %}
