{# The forecast of a row of weeks as a list, and what a booking leaves of it. #}

{# One row per hospital and therapy: the values of a relation as a list, in the order of `place`. #}
{% macro list_in_order(relation, value, place, name) -%} {{ adapter.dispatch('list_in_order')(relation, value, place, name) }} {%- endmacro %}
{% macro default__list_in_order(relation, value, place, name) -%}
    select hospital_id, therapy_code, transform(array_sort(collect_list(struct({{ place }}, {{ value }}))), item -> item.{{ value }}) as {{ name }}
    from {{ relation }} group by 1, 2
{%- endmacro %}
{% macro duckdb__list_in_order(relation, value, place, name) -%}
    select hospital_id, therapy_code, list(cast({{ value }} as double) order by {{ place }}) as {{ name }} from {{ relation }} group by 1, 2
{%- endmacro %}

{# What `booked` patients of the week at `place` leave of the forecasts: own week first, earlier weeks nearest first, then later ones. Each
   week gives what those before it in that order have not given. #}
{% macro forecast_left(forecasts, place, booked, early, late) -%}
    {{ adapter.dispatch('forecast_left')(forecasts, place, booked, early, late) }}
{%- endmacro %}
{% macro default__forecast_left(forecasts, place, booked, early, late) -%}
    transform({{ forecasts }}, (patients, i) -> case
        when i + 1 between {{ place }} - {{ early }} and {{ place }} + {{ late }} then round(patients - least(patients, greatest(0D, {{ booked }} - case
            when i + 1 <= {{ place }} then aggregate(slice({{ forecasts }}, i + 2, {{ place }} - i - 1), 0D, (total, p) -> total + p)
            else aggregate(slice({{ forecasts }}, greatest({{ place }} - {{ early }}, 1), i + 1 - greatest({{ place }} - {{ early }}, 1)), 0D, (total, p) -> total + p)
        end)), 6)
        else patients end)
{%- endmacro %}
{% macro duckdb__forecast_left(forecasts, place, booked, early, late) -%}
    list_transform({{ forecasts }}, lambda patients, i: case
        when i between {{ place }} - {{ early }} and {{ place }} + {{ late }} then round(patients - least(patients, greatest(0.0, {{ booked }} - coalesce(case
            when i <= {{ place }} then list_sum({{ forecasts }}[i + 1:{{ place }}])
            else list_sum({{ forecasts }}[greatest({{ place }} - {{ early }}, 1):i - 1])
        end, 0.0))), 6)
        else patients end)
{%- endmacro %}

{# Aggregate: the values of a column in the order of the weeks. #}
{% macro list_by_week(column) -%} {{ adapter.dispatch('list_by_week')(column) }} {%- endmacro %}
{% macro default__list_by_week(column) -%} transform(array_sort(collect_list(struct(week_no, {{ column }}))), item -> item.{{ column }}) {%- endmacro %}
{% macro duckdb__list_by_week(column) -%} list(cast({{ column }} as double) order by week_no) {%- endmacro %}
