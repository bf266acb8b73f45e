{# How far a forecast may move. #}

{# The fences of the network where no agreement has its own: first and last week from the planning week, and what may change there. #}
{% macro standard_fences() -%}
{{ return([
    {'kind': 'frozen', 'from_week': 0, 'to_week': 2, 'increase_pct': 0, 'decrease_pct': 0, 'change_absolute': 0},
    {'kind': 'binding', 'from_week': 3, 'to_week': 6, 'increase_pct': 10, 'decrease_pct': 10, 'change_absolute': none},
    {'kind': 'flex', 'from_week': 7, 'to_week': 13, 'increase_pct': 30, 'decrease_pct': 30, 'change_absolute': none},
    {'kind': 'open', 'from_week': 14, 'to_week': none, 'increase_pct': none, 'decrease_pct': none, 'change_absolute': none},
]) }}
{%- endmacro %}

{# Which limit a change has broken: above the increase allowed, below the decrease allowed, or nothing. Relative where the sum before is not 0,
   absolute wherever a figure is agreed; where the sum before is 0 the absolute limit decides alone. The standard's text asks for
   "below + limit" on the way down: a sign slip, since every small change would be a breach. #}
{% macro breach(change, previous, increase_pct, decrease_pct, change_absolute) -%}
    case
        when {{ previous }} > 0 and 100.0 * ({{ change }}) / {{ previous }} > {{ increase_pct }} + 0.000001 then 'above'
        when {{ previous }} > 0 and 100.0 * ({{ change }}) / {{ previous }} < -{{ decrease_pct }} - 0.000001 then 'below'
        when ({{ change }}) > {{ change_absolute }} + 0.000001 then 'above'
        when ({{ change }}) < -{{ change_absolute }} - 0.000001 then 'below'
    end
{%- endmacro %}
