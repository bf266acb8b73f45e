{# Test: what a column names exists. Like dbt's relationships, for models whose columns are listed by contract. #}
{% test points_to(model, column, to, field) %}
select facts.{{ column }}, count(*) as rows_found
from {{ model }} as facts
left join {{ to }} as named on facts.{{ column }} = named.{{ field }}
where facts.{{ column }} is not null and named.{{ field }} is null
group by facts.{{ column }}
{% endtest %}
