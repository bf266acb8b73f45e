{# The hospitals of a plant as parallel lists, in one order: who waits, who came, who starts. #}

{# Everyone who wants to start: who waited, who came, and who comes again of those that began a lag ago. #}
{% macro shares_queue(waiting, came, began, failure) -%} {{ adapter.dispatch('shares_queue')(waiting, came, began, failure) }} {%- endmacro %}
{% macro default__shares_queue(waiting, came, began, failure) -%}
    transform({{ waiting }}, (patients, i) -> patients + {{ came }}[i] + {{ began }}[i] * {{ failure }})
{%- endmacro %}
{% macro duckdb__shares_queue(waiting, came, began, failure) -%}
    list_transform({{ waiting }}, lambda patients, i: patients + {{ came }}[i] + {{ began }}[i] * {{ failure }})
{%- endmacro %}

{# What each uses of its own share of the starts. #}
{% macro shares_own(queue, shares, starts) -%} {{ adapter.dispatch('shares_own')(queue, shares, starts) }} {%- endmacro %}
{% macro default__shares_own(queue, shares, starts) -%}
    transform({{ queue }}, (patients, i) -> least(patients, {{ shares }}[i] * {{ starts }}))
{%- endmacro %}
{% macro duckdb__shares_own(queue, shares, starts) -%}
    list_transform({{ queue }}, lambda patients, i: least(patients, {{ shares }}[i] * {{ starts }}))
{%- endmacro %}

{# Own starts, and those of the common pool in proportion to who still waits for it. #}
{% macro shares_starts(queue, own, pool, waiting) -%} {{ adapter.dispatch('shares_starts')(queue, own, pool, waiting) }} {%- endmacro %}
{% macro default__shares_starts(queue, own, pool, waiting) -%}
    transform({{ queue }}, (patients, i) -> {{ own }}[i] + if({{ waiting }} > 0, {{ pool }} * (patients - {{ own }}[i]) / {{ waiting }}, 0D))
{%- endmacro %}
{% macro duckdb__shares_starts(queue, own, pool, waiting) -%}
    list_transform({{ queue }}, lambda patients, i: {{ own }}[i] + case
        when {{ waiting }} > 0 then {{ pool }} * (patients - {{ own }}[i]) / {{ waiting }} else 0.0 end)
{%- endmacro %}

{% macro shares_left(queue, starts) -%} {{ adapter.dispatch('shares_left')(queue, starts) }} {%- endmacro %}
{% macro default__shares_left(queue, starts) -%} transform({{ queue }}, (patients, i) -> patients - {{ starts }}[i]) {%- endmacro %}
{% macro duckdb__shares_left(queue, starts) -%} list_transform({{ queue }}, lambda patients, i: patients - {{ starts }}[i]) {%- endmacro %}

{# Nobody, once for each entry of a list. #}
{% macro shares_nobody(items) -%} {{ adapter.dispatch('shares_nobody')(items) }} {%- endmacro %}
{% macro default__shares_nobody(items) -%} transform({{ items }}, one -> 0D) {%- endmacro %}
{% macro duckdb__shares_nobody(items) -%} list_transform({{ items }}, lambda one: cast(0.0 as double)) {%- endmacro %}

{% macro list_total(items) -%} {{ adapter.dispatch('list_total')(items) }} {%- endmacro %}
{% macro default__list_total(items) -%} aggregate({{ items }}, 0D, (total, one) -> total + one) {%- endmacro %}
{% macro duckdb__list_total(items) -%} list_sum({{ items }}) {%- endmacro %}

{# Aggregate: a column as a list in the order of another one. #}
{% macro list_by(column, place) -%} {{ adapter.dispatch('list_by')(column, place) }} {%- endmacro %}
{% macro default__list_by(column, place) -%} transform(array_sort(collect_list(struct({{ place }} as place, {{ column }} as value))), item -> item.value) {%- endmacro %}
{% macro duckdb__list_by(column, place) -%} list({{ column }} order by {{ place }}) {%- endmacro %}
