{# Test of the hospitals' parts: together they are the plant's plan. #}
{% test adds_up_to_the_plan(model) %}
with parts as (
    select therapy_code, site_id, week_start_date, sum(demand) as demand, sum(remake) as remake, sum(served) as served, sum(waiting) as waiting
    from {{ model }}
    group by 1, 2, 3
)

select plan.therapy_code, plan.site_id, plan.week_start_date
from {{ ref('fct_aligned_plan') }} as plan
left join parts
    on plan.therapy_code = parts.therapy_code and plan.site_id = parts.site_id and plan.week_start_date = parts.week_start_date
where
    abs(plan.demand - coalesce(parts.demand, 0)) > 0.001
    or abs(plan.remake - coalesce(parts.remake, 0)) > 0.001
    or abs(plan.served - coalesce(parts.served, 0)) > 0.001
    or abs(plan.waiting - coalesce(parts.waiting, 0)) > 0.001
{% endtest %}
