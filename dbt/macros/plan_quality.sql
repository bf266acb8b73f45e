{# The formulas of plan quality, each an aggregate over cells of actual and forecast. Percent, six places; nothing where the divisor is 0.
   A cell without a forecast is no cell: it is left out, never taken for a forecast of 0. A forecast of 0 with real patients is an error. #}

{% macro counted(actual, forecast, amount) -%}
    case when {{ actual }} is not null and {{ forecast }} is not null then {{ amount }} end
{%- endmacro %}

{% macro apart(one, other) -%} abs({{ one }} - {{ other }}) {%- endmacro %}

{# One sum in percent of another, each over the cells that have both figures. #}
{% macro per_cent(actual, forecast, amount, base) -%}
    round(100.0 * {{ total(counted(actual, forecast, amount)) }} / nullif({{ total(counted(actual, forecast, base)) }}, 0), 6)
{%- endmacro %}

{# Sum of |A - F| over sum of A. The weight is the actual; weighting with the forecast would forgive a forecast of 0. #}
{% macro wape(actual, forecast) -%} {{ per_cent(actual, forecast, apart(actual, forecast), actual) }} {%- endmacro %}

{# Mean of |A - F| / A over cells with A > 0. #}
{% macro mape(actual, forecast) -%}
    round(100.0 * {{ mean(counted(actual, forecast, 'case when ' ~ actual ~ ' > 0 then ' ~ apart(actual, forecast) ~ ' / ' ~ actual ~ ' end')) }}, 6)
{%- endmacro %}

{# Sum of F - A over sum of A: above 0 is over-forecast. #}
{% macro bias(actual, forecast) -%} {{ per_cent(actual, forecast, forecast ~ ' - ' ~ actual, actual) }} {%- endmacro %}

{# Mean of 2 |A - F| / (A + F); 0 where both are 0. #}
{% macro smape(actual, forecast) -%}
    round(100.0 * {{ mean(counted(
        actual, forecast, 'coalesce(2.0 * ' ~ apart(actual, forecast) ~ ' / nullif(' ~ actual ~ ' + ' ~ forecast ~ ', 0), 0.0)'
    )) }}, 6)
{%- endmacro %}

{# Sum of A - F over the mean of |A - F|; nothing where that mean is 0. #}
{% macro tracking_signal(actual, forecast) -%}
    round({{ total(counted(actual, forecast, actual ~ ' - ' ~ forecast)) }}
        / nullif({{ mean(counted(actual, forecast, apart(actual, forecast))) }}, 0), 6)
{%- endmacro %}

{# How much of the forecast moved in the cycle before the lag: sum of |F - F before| over sum of F before. #}
{% macro volatility(forecast, previous) -%} {{ per_cent(forecast, previous, apart(forecast, previous), previous) }} {%- endmacro %}

{# WAPE of another forecast less WAPE of this one, on cells that have both: above 0 the forecast is worth its work. #}
{% macro value_added(actual, forecast, other) -%}
    {{ per_cent(
        actual, forecast,
        counted(actual, other, apart(actual, other) ~ ' - ' ~ apart(actual, forecast)),
        counted(actual, other, actual)
    ) }}
{%- endmacro %}

{# CTEs ending in `measured`, for ratios of sums in percent. `observations` has kpi_code, therapy_code, cohort_date, numerator, denominator
   (both empty while the cell is open) and submission_ids. The sum has no interval: its parts are no sample of like draws. #}
{% macro kpi_ratios(observations) %}
sliced as (
    {{ in_periods_and_slices(observations) }}
),

measured as (
    select
        {{ kpi_groups() }},
        round(100.0 * {{ total('numerator') }} / nullif({{ total('denominator') }}, 0), 6) as value,
        round(100.0 * {{ total('numerator') }} / nullif({{ total('denominator') }}, 0), 6) as completed_only_value,
        cast(null as double) as km_value,
        cast(count(numerator) as bigint) as n,
        cast(count(*) - count(numerator) as bigint) as n_open,
        cast(null as double) as lower,
        cast(null as double) as upper,
        'none: a ratio of sums' as interval_method,
        {{ all_ids('submission_ids') }} as submission_ids
    from sliced
    group by {{ kpi_groups() }}
)
{% endmacro %}
