{# Lists: the submissions that a row rests on, and the doses left in a row of lots. #}

{# Aggregate: sorted distinct list of one text column; nulls are left out, never a null list. #}
{% macro ids(column, filter=none) -%} {{ adapter.dispatch('ids')(column, filter) }} {%- endmacro %}
{% macro default__ids(column, filter) -%}
    array_sort(collect_set({% if filter %}case when {{ filter }} then {{ column }} end{% else %}{{ column }}{% endif %}))
{%- endmacro %}
{% macro duckdb__ids(column, filter) -%}
    coalesce(list_sort(list(distinct {{ column }}) filter (where {{ column }} is not null{% if filter %} and {{ filter }}{% endif %})), cast([] as varchar[]))
{%- endmacro %}

{# Aggregate: the files that the rows of one version are from. A whole file is its own version, and collecting one id a million times is dear. #}
{% macro version_ids(versions, rows) -%}
    case
        when max(case when {{ versions }}.is_whole then 1 else 0 end) = 1 then {{ one_id('max(' ~ versions ~ '.submission_id)') }}
        else {{ ids(rows ~ '.submission_id', filter='not ' ~ versions ~ '.is_whole') }}
    end
{%- endmacro %}

{# A list of one id. #}
{% macro one_id(item) -%} {{ adapter.dispatch('one_id')(item) }} {%- endmacro %}
{% macro default__one_id(item) -%} array({{ item }}) {%- endmacro %}
{% macro duckdb__one_id(item) -%} [{{ item }}] {%- endmacro %}

{# Aggregate: sorted distinct list of everything in a column of lists. #}
{% macro all_ids(column) -%} {{ adapter.dispatch('all_ids')(column) }} {%- endmacro %}
{% macro default__all_ids(column) -%} array_sort(array_distinct(flatten(collect_list({{ column }})))) {%- endmacro %}
{% macro duckdb__all_ids(column) -%}
    coalesce(list_sort(list_distinct(flatten(list({{ column }}) filter (where {{ column }} is not null)))), cast([] as varchar[]))
{%- endmacro %}

{# Sorted distinct list of single ids and lists of ids in one row. #}
{% macro union_ids(lists=[], singles=[]) -%} {{ adapter.dispatch('union_ids')(lists, singles) }} {%- endmacro %}
{% macro default__union_ids(lists, singles) -%}
    array_sort(array_distinct(filter(concat(
        {%- for item in lists %}coalesce({{ item }}, cast(array() as array<string>)), {% endfor %}array({{ singles | join(', ') }})), id -> id is not null)))
{%- endmacro %}
{% macro duckdb__union_ids(lists, singles) -%}
    list_sort(list_distinct(list_concat(
        {%- for item in lists %}coalesce({{ item }}, cast([] as varchar[])), {% endfor %}cast([{{ singles | join(', ') }}] as varchar[]))))
{%- endmacro %}

{% macro id_list() -%} {{ adapter.dispatch('id_list')() }} {%- endmacro %}
{% macro default__id_list() -%} array<string> {%- endmacro %}
{% macro duckdb__id_list() -%} varchar[] {%- endmacro %}

{# Element of a list, counted from 1. #}
{% macro element_at(items, place) -%} {{ adapter.dispatch("element_of")(items, place) }} {%- endmacro %}
{% macro default__element_of(items, place) -%} element_at({{ items }}, cast({{ place }} as int)) {%- endmacro %}
{% macro duckdb__element_of(items, place) -%} {{ items }}[{{ place }}] {%- endmacro %}

{# How many elements a list has. #}
{% macro count_of(items) -%} {{ adapter.dispatch('count_of')(items) }} {%- endmacro %}
{% macro default__count_of(items) -%} size({{ items }}) {%- endmacro %}
{% macro duckdb__count_of(items) -%} len({{ items }}) {%- endmacro %}

{# The elements of a list of texts, with commas between them. #}
{% macro joined(items) -%} {{ adapter.dispatch('joined')(items) }} {%- endmacro %}
{% macro default__joined(items) -%} array_join({{ items }}, ', ') {%- endmacro %}
{% macro duckdb__joined(items) -%} array_to_string({{ items }}, ', ') {%- endmacro %}

{# One row per element of a list. #}
{% macro each_of(items) -%} {{ adapter.dispatch('each_of')(items) }} {%- endmacro %}
{% macro default__each_of(items) -%} explode({{ items }}) {%- endmacro %}
{% macro duckdb__each_of(items) -%} unnest({{ items }}) {%- endmacro %}
