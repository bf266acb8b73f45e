{# Test of the aligned plan: who came, or comes again, starts or waits, who waits comes again next week, and nothing is served beyond its capacity. #}
{% test conserves_patients(model) %}
with weeks as (
    select
        *,
        lead(backlog_in) over (partition by therapy_code, site_id order by week_start_date) as next_backlog_in
    from {{ model }}
)

select *
from weeks
where
    abs(backlog_in + demand + remake - served - waiting) > 0.0001
    or abs(next_backlog_in - waiting) > 0.0001
    or served > perishable_capacity + 0.0001
    or abs(bookings + forecast_net - demand) > 0.0001
    or (is_short and binding_constraint is null)
{% endtest %}
