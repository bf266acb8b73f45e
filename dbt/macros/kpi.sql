{# Measuring: every KPI in every period and slice, medians that count open cases, shares with their interval. #}

{% macro kpi_groups() -%} kpi_code, period_kind, period_start_date, slice_kind, slice_value {%- endmacro %}

{# Repeats each observation for the periods and slices it belongs to. Needs kpi_code, therapy_code and cohort_date. #}
{% macro in_periods_and_slices(observations) %}
    select
        observations.*,
        periods.period_kind,
        case periods.period_kind
            when 'quarter' then cast(date_trunc('quarter', observations.cohort_date) as date)
            when 'month' then cast(date_trunc('month', observations.cohort_date) as date)
        end as period_start_date,
        slices.slice_kind,
        case slices.slice_kind when 'network' then 'all' else observations.therapy_code end as slice_value
    from {{ observations }} as observations
    cross join (select 'all' as period_kind union all select 'quarter' union all select 'month') as periods
    cross join (select 'network' as slice_kind union all select 'therapy') as slices
    where observations.cohort_date is not null and (slices.slice_kind = 'network' or observations.therapy_code is not null)
{% endmacro %}

{# CTEs ending in `measured`, for durations. `observations` has kpi_code, therapy_code, cohort_date, days, is_complete, submission_ids;
   days of an open case are those it has waited until now. Kaplan-Meier: S(t) falls by the share of those at risk who complete at t; the
   median is the first t with S(t) <= 1/2. Its interval (Brookmeyer and Crowley 1982, log-log) holds the t that S(t) = 1/2 does not
   contradict at 95 %; it assumes no distribution and, with no open case, is an order-statistic interval. #}
{% macro kpi_durations(observations) %}
sliced as (
    {{ in_periods_and_slices(observations) }}
),

times as (
    select {{ kpi_groups() }}, days, sum(case when is_complete then 1 else 0 end) as events, count(*) as leaving
    from sliced
    group by {{ kpi_groups() }}, days
),

at_risk as (
    select
        times.*,
        sum(leaving) over (partition by {{ kpi_groups() }} order by days desc rows unbounded preceding) as at_risk
    from times
),

survival as (
    select
        at_risk.*,
        max(case when events = at_risk then 1 else 0 end) over so_far as is_empty,
        sum(case when events < at_risk then ln(1.0 - events / cast(at_risk as double)) else 0.0 end) over so_far as log_survival,
        sum(case when events < at_risk then events / (cast(at_risk as double) * (at_risk - events)) else 0.0 end) over so_far as greenwood
    from at_risk
    window so_far as (partition by {{ kpi_groups() }} order by days rows unbounded preceding)
),

bounds as (
    select
        survival.*,
        case when is_empty = 1 then 0.0 else round(exp(log_survival), 9) end as surviving,
        case
            when is_empty = 1 then 0.0
            when log_survival < 0 then round(exp(log_survival * exp({{ z95() }} * sqrt(greenwood) / abs(log_survival))), 9)
            else 1.0
        end as surviving_low,
        case
            when is_empty = 1 then 1.0
            when log_survival < 0 then round(exp(log_survival * exp(-{{ z95() }} * sqrt(greenwood) / abs(log_survival))), 9)
            else 1.0
        end as surviving_high
    from survival
),

medians as (
    select
        {{ kpi_groups() }},
        min(case when surviving <= 0.5 then days end) as km_value,
        min(case when surviving_low <= 0.5 then days end) as lower,
        min(case when surviving_high <= 0.5 then days end) as upper
    from bounds
    group by {{ kpi_groups() }}
),

completed as (
    select
        {{ kpi_groups() }},
        {{ median('case when is_complete then days end') }} as completed_only_value,
        count(*) as n,
        sum(case when is_complete then 0 else 1 end) as n_open,
        {{ all_ids('submission_ids') }} as submission_ids
    from sliced
    group by {{ kpi_groups() }}
),

measured as (
    select
        {% for column in ['kpi_code', 'period_kind', 'period_start_date', 'slice_kind', 'slice_value'] %}completed.{{ column }}, {% endfor %}
        round(medians.km_value, 6) as value,
        round(completed.completed_only_value, 6) as completed_only_value,
        round(medians.km_value, 6) as km_value,
        cast(completed.n as bigint) as n,
        cast(completed.n_open as bigint) as n_open,
        round(medians.lower, 6) as lower,
        round(medians.upper, 6) as upper,
        'Brookmeyer-Crowley, log-log, 95 %' as interval_method,
        completed.submission_ids
    from completed
    inner join medians
        on completed.kpi_code = medians.kpi_code
        and completed.period_kind = medians.period_kind
        and completed.period_start_date is not distinct from medians.period_start_date
        and completed.slice_kind = medians.slice_kind
        and completed.slice_value = medians.slice_value
)
{% endmacro %}

{# CTEs ending in `measured`, for shares in percent. `observations` has kpi_code, therapy_code, cohort_date, is_hit (null while open),
   submission_ids. Interval: Wilson 1927. #}
{% macro kpi_shares(observations) %}
sliced as (
    {{ in_periods_and_slices(observations) }}
),

counted as (
    select
        {{ kpi_groups() }},
        cast(count(is_hit) as double) as n,
        cast(sum(case when is_hit then 1 else 0 end) as double) as hits,
        count(*) - count(is_hit) as n_open,
        {{ all_ids('submission_ids') }} as submission_ids
    from sliced
    group by {{ kpi_groups() }}
),

measured as (
    select
        {{ kpi_groups() }},
        round(100.0 * hits / nullif(n, 0), 6) as value,
        round(100.0 * hits / nullif(n, 0), 6) as completed_only_value,
        cast(null as double) as km_value,
        cast(n as bigint) as n,
        cast(n_open as bigint) as n_open,
        {{ wilson('hits', 'n', '-') }} as lower,
        {{ wilson('hits', 'n', '+') }} as upper,
        'Wilson, 95 %' as interval_method,
        submission_ids
    from counted
)
{% endmacro %}

{% macro z95() -%} 1.959963984540054 {%- endmacro %}

{# A limit of Wilson's interval in percent; `sign` is - for the lower, + for the upper; empty when n is 0. #}
{% macro wilson(hits, n, sign) -%}
    case when {{ n }} > 0 then round(100.0 * least(greatest((
        {{ hits }} / {{ n }} + {{ z95() }} * {{ z95() }} / (2 * {{ n }})
        {{ sign }} {{ z95() }} * sqrt({{ hits }} / {{ n }} * (1 - {{ hits }} / {{ n }}) / {{ n }} + {{ z95() }} * {{ z95() }} / (4 * {{ n }} * {{ n }}))
    ) / (1 + {{ z95() }} * {{ z95() }} / {{ n }}), 0.0), 1.0), 6) end
{%- endmacro %}

{# Interpolated between the two nearest values, as everybody's spreadsheet does. #}
{% macro quantile(expression, share) -%} {{ adapter.dispatch('quantile')(expression, share) }} {%- endmacro %}
{% macro default__quantile(expression, share) -%} percentile({{ expression }}, {{ share }}) {%- endmacro %}
{% macro duckdb__quantile(expression, share) -%} quantile_cont({{ expression }}, {{ share }}) {%- endmacro %}

{% macro median(expression) -%} {{ adapter.dispatch('median')(expression) }} {%- endmacro %}
{% macro default__median(expression) -%} percentile({{ expression }}, 0.5) {%- endmacro %}
{% macro duckdb__median(expression) -%} quantile_cont({{ expression }}, 0.5) {%- endmacro %}
