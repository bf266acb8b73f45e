{# Doses left in a row of lots: parallel lists, in the order in which the lots are used. #}

{# One row per therapy and plant, its lots as lists. #}
{% macro lots_in_rows(relation) -%} {{ adapter.dispatch('lots_in_rows')(relation) }} {%- endmacro %}
{% macro default__lots_in_rows(relation) -%}
    select therapy_code, site_id, transform(lots, lot -> lot.doses) as doses, transform(lots, lot -> lot.first_week_no) as first_weeks,
        transform(lots, lot -> lot.last_week_no) as last_weeks
    from (
        select therapy_code, site_id, array_sort(collect_list(struct(use_order, doses, first_week_no, last_week_no))) as lots
        from {{ relation }} group by 1, 2
    )
{%- endmacro %}
{% macro duckdb__lots_in_rows(relation) -%}
    select
        therapy_code,
        site_id,
        list(cast(doses as double) order by use_order) as doses,
        list(first_week_no order by use_order) as first_weeks,
        list(last_week_no order by use_order) as last_weeks
    from {{ relation }}
    group by 1, 2
{%- endmacro %}

{% macro no_doses() -%} {{ adapter.dispatch('no_doses')() }} {%- endmacro %}
{% macro default__no_doses() -%} cast(array() as array<double>) {%- endmacro %}
{% macro duckdb__no_doses() -%} cast([] as double[]) {%- endmacro %}

{% macro doses_sum(doses) -%} {{ adapter.dispatch('doses_sum')(doses) }} {%- endmacro %}
{% macro default__doses_sum(doses) -%} round(aggregate({{ doses }}, 0D, (total, dose) -> total + dose), 6) {%- endmacro %}
{% macro duckdb__doses_sum(doses) -%} round(coalesce(list_sum({{ doses }}), 0.0), 6) {%- endmacro %}

{# What of each lot may be used in a week: all that is left of it, or nothing. #}
{% macro doses_usable(remaining, first_weeks, last_weeks, week_no) -%}
    {{ adapter.dispatch('doses_usable')(remaining, first_weeks, last_weeks, week_no) }}
{%- endmacro %}
{% macro default__doses_usable(remaining, first_weeks, last_weeks, week_no) -%}
    transform({{ remaining }}, (dose, i) -> if({{ week_no }} between {{ first_weeks }}[i] and {{ last_weeks }}[i], dose, 0D))
{%- endmacro %}
{% macro duckdb__doses_usable(remaining, first_weeks, last_weeks, week_no) -%}
    list_transform({{ remaining }}, lambda dose, i: case when {{ week_no }} between {{ first_weeks }}[i] and {{ last_weeks }}[i] then dose else 0.0 end)
{%- endmacro %}

{# What is left of each lot after `needed` doses were taken from the usable ones, the first lot first. #}
{% macro doses_left(remaining, usable, needed) -%} {{ adapter.dispatch('doses_left')(remaining, usable, needed) }} {%- endmacro %}
{% macro default__doses_left(remaining, usable, needed) -%}
    transform({{ remaining }}, (dose, i) -> round(dose - least({{ usable }}[i], greatest(
        0D, {{ needed }} - aggregate(slice({{ usable }}, 1, i), 0D, (total, u) -> total + u))), 6))
{%- endmacro %}
{% macro duckdb__doses_left(remaining, usable, needed) -%}
    list_transform({{ remaining }}, lambda dose, i: round(dose - least({{ usable }}[i], greatest(
        0.0, {{ needed }} - coalesce(list_sum({{ usable }}[1:i - 1]), 0.0))), 6))
{%- endmacro %}
