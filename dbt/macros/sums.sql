{# Sums that do not depend on the order of summing: doubles added by several threads differ in the last place from run to run, and a figure
   that stands on a rounding tie then comes out one way or the other. Twelve places, sixteen digits before the point. #}

{% macro total(amount, over=none) -%}
    cast(sum(cast({{ amount }} as decimal(28, 12))){% if over %} over {{ over }}{% endif %} as double)
{%- endmacro %}

{% macro mean(amount, over=none) -%}
    ({{ total(amount, over) }} / nullif(count({{ amount }}){% if over %} over {{ over }}{% endif %}, 0))
{%- endmacro %}
