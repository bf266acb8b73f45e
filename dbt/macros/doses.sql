{# Storable supplies of a plant: parallel lists, one entry per supply (the vector first, then raw materials), and in it one entry per lot, in
   the order in which the lots are used. #}

{# One row per therapy, plant and supply, its lots as lists. #}
{% macro lots_in_rows(relation) -%} {{ adapter.dispatch('lots_in_rows')(relation) }} {%- endmacro %}
{% macro default__lots_in_rows(relation) -%}
    select therapy_code, site_id, supply_code, transform(lots, lot -> lot.doses) as doses, transform(lots, lot -> lot.first_week_no) as first_weeks,
        transform(lots, lot -> lot.last_week_no) as last_weeks
    from (
        select therapy_code, site_id, supply_code, array_sort(collect_list(struct(use_order, doses, first_week_no, last_week_no))) as lots
        from {{ relation }} group by 1, 2, 3
    )
{%- endmacro %}
{% macro duckdb__lots_in_rows(relation) -%}
    select
        therapy_code,
        site_id,
        supply_code,
        list(cast(doses as double) order by use_order) as doses,
        list(first_week_no order by use_order) as first_weeks,
        list(last_week_no order by use_order) as last_weeks
    from {{ relation }}
    group by 1, 2, 3
{%- endmacro %}

{# One row per therapy and plant, its supplies as lists; `columns` of the relation in the order of supply_no. #}
{% macro supplies_in_rows(relation, columns) -%} {{ adapter.dispatch('supplies_in_rows')(relation, columns) }} {%- endmacro %}
{% macro default__supplies_in_rows(relation, columns) -%}
    select therapy_code, site_id{% for column in columns %}, transform(supplies, supply -> supply.{{ column }}) as {{ column }}{% endfor %}
    from (
        select therapy_code, site_id, array_sort(collect_list(struct(supply_no, {{ columns | join(', ') }}))) as supplies
        from {{ relation }} group by 1, 2
    )
{%- endmacro %}
{% macro duckdb__supplies_in_rows(relation, columns) -%}
    select
        therapy_code,
        site_id
        {%- for column in columns %},
        list({{ column }} order by supply_no) as {{ column }}
        {%- endfor %}
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

{# The same for all supplies of a plant at once: lists of lists. #}
{% macro supplies_usable(remaining, first_weeks, last_weeks, week_no) -%}
    {{ adapter.dispatch('supplies_usable')(remaining, first_weeks, last_weeks, week_no) }}
{%- endmacro %}
{% macro default__supplies_usable(remaining, first_weeks, last_weeks, week_no) -%}
    transform({{ remaining }}, (lots, k) -> {{ doses_usable('lots', first_weeks ~ '[k]', last_weeks ~ '[k]', week_no) }})
{%- endmacro %}
{% macro duckdb__supplies_usable(remaining, first_weeks, last_weeks, week_no) -%}
    list_transform({{ remaining }}, lambda lots, k: {{ doses_usable('lots', first_weeks ~ '[k]', last_weeks ~ '[k]', week_no) }})
{%- endmacro %}

{# Starts that each supply allows; nothing for one that does not limit any more. #}
{% macro supplies_starts(usable, uses, until_weeks, week_no) -%}
    {{ adapter.dispatch('supplies_starts')(usable, uses, until_weeks, week_no) }}
{%- endmacro %}
{% macro default__supplies_starts(usable, uses, until_weeks, week_no) -%}
    transform({{ usable }}, (lots, k) -> if({{ week_no }} < {{ until_weeks }}[k], {{ doses_sum('lots') }} / {{ uses }}[k], null))
{%- endmacro %}
{% macro duckdb__supplies_starts(usable, uses, until_weeks, week_no) -%}
    list_transform({{ usable }}, lambda lots, k: case when {{ week_no }} < {{ until_weeks }}[k] then {{ doses_sum('lots') }} / {{ uses }}[k] end)
{%- endmacro %}

{% macro supplies_left(remaining, usable, uses, starts) -%}
    {{ adapter.dispatch('supplies_left')(remaining, usable, uses, starts) }}
{%- endmacro %}
{% macro default__supplies_left(remaining, usable, uses, starts) -%}
    transform({{ remaining }}, (lots, k) -> {{ doses_left('lots', usable ~ '[k]', starts ~ ' * ' ~ uses ~ '[k]') }})
{%- endmacro %}
{% macro duckdb__supplies_left(remaining, usable, uses, starts) -%}
    list_transform({{ remaining }}, lambda lots, k: {{ doses_left('lots', usable ~ '[k]', starts ~ ' * ' ~ uses ~ '[k]') }})
{%- endmacro %}

{# A row of starts, the oldest first: those that come back now, and the row with a new week at its end. #}
{% macro queue_pushed(queue, value) -%} {{ adapter.dispatch('queue_pushed')(queue, value) }} {%- endmacro %}
{% macro default__queue_pushed(queue, value) -%} concat(slice({{ queue }}, 2, size({{ queue }}) - 1), array({{ value }})) {%- endmacro %}
{% macro duckdb__queue_pushed(queue, value) -%} list_append({{ queue }}[2:], {{ value }}) {%- endmacro %}

{# The least of a list, and which entry it is. #}
{% macro list_least(items) -%} {{ adapter.dispatch('list_least')(items) }} {%- endmacro %}
{% macro default__list_least(items) -%} array_min({{ items }}) {%- endmacro %}
{% macro duckdb__list_least(items) -%} list_min({{ items }}) {%- endmacro %}
{% macro place_of(items, value) -%} {{ adapter.dispatch('place_of')(items, value) }} {%- endmacro %}
{% macro default__place_of(items, value) -%} cast(array_position({{ items }}, {{ value }}) as int) {%- endmacro %}
{% macro duckdb__place_of(items, value) -%} list_position({{ items }}, {{ value }}) {%- endmacro %}
{% macro without_first(items) -%} {{ adapter.dispatch('without_first')(items) }} {%- endmacro %}
{% macro default__without_first(items) -%} slice({{ items }}, 2, size({{ items }})) {%- endmacro %}
{% macro duckdb__without_first(items) -%} {{ items }}[2:] {%- endmacro %}
