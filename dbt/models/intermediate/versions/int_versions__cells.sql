-- Forecast beside actual, per hospital, therapy, past week and lag. Lag s: what was in force when the week s weeks before the target week
-- ended. The baselines know no more than that: the last full week then was s + 1 weeks before the target. Every join is on equal keys.
{%- set lags = [1, 2, 4, 8, 13] %}

with history as (
    select * from {{ ref('int_versions__history') }}
),

lags as (
    {% for lag in lags -%}
    select {{ lag }} as lag_weeks
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

pairs as (
    select distinct hospital_id, therapy_code from history
),

targets as (
    select
        history.hospital_id,
        history.therapy_code,
        history.week_start_date,
        lags.lag_weeks,
        {{ add_days('history.week_start_date', '-7 * lags.lag_weeks + 6') }} as cut_date,
        history.actual,
        history.submission_ids
    from history
    cross join lags
    where history.week_start_date >= {{ add_days(planning_week(), '-7 * ' ~ var('accuracy_weeks', 26)) }}
),

-- The cuts that a lag looks at: its own, and the one before for what was said then.
in_force as (
    select *
    from {{ ref('int_versions__in_force') }}
    where
        is_cycle_end
        and week_start_date >= {{ add_days(planning_week(), '-7 * ' ~ var('accuracy_weeks', 26)) }}
        and week_start_date < {{ planning_week() }}
        and {{ date_days('cut_date', 'week_start_date') }} in (
            {%- for lag in lags %}{{ 7 * lag - 6 }}, {{ 7 * lag + 1 }}{{ ', ' if not loop.last }}{% endfor -%}
        )
),

said as (
    select
        in_force.hospital_id,
        forecasts.therapy_code,
        in_force.week_start_date,
        in_force.cut_date,
        round(sum(forecasts.patients), 6) as patients,
        {{ ids('forecasts.submission_id', filter='not in_force.is_whole') }} as submission_ids
    from in_force
    inner join {{ ref('int_versions__forecasts') }} as forecasts
        on in_force.sender_partner_id = forecasts.sender_partner_id
        and in_force.version_id = forecasts.version_id
        and in_force.hospital_id = forecasts.hospital_id
        and in_force.week_start_date = forecasts.week_start_date
    group by 1, 2, 3, 4
),

-- A therapy that the file in force leaves out is a forecast of nothing.
known as (
    select
        files.hospital_id,
        pairs.therapy_code,
        files.week_start_date,
        files.cut_date,
        coalesce(said.patients, 0.0) as forecast,
        {{ union_ids(lists=['files.submission_ids', 'said.submission_ids']) }} as submission_ids
    from (
        select hospital_id, week_start_date, cut_date, {{ ids('submission_id') }} as submission_ids
        from in_force
        group by 1, 2, 3
    ) as files
    inner join pairs on files.hospital_id = pairs.hospital_id
    left join said
        on files.hospital_id = said.hospital_id
        and pairs.therapy_code = said.therapy_code
        and files.week_start_date = said.week_start_date
        and files.cut_date = said.cut_date
)

select
    targets.hospital_id,
    targets.therapy_code,
    targets.week_start_date,
    targets.lag_weeks,
    targets.cut_date,
    targets.actual,
    forecasts.forecast,
    earlier.forecast as previous_forecast,
    recent.actual as naive_forecast,
    seasons.actual as seasonal_forecast,
    recent.moving_average as average_forecast,
    {{ union_ids(lists=['targets.submission_ids', 'forecasts.submission_ids']) }} as submission_ids
from targets
left join known as forecasts
    on targets.hospital_id = forecasts.hospital_id
    and targets.therapy_code = forecasts.therapy_code
    and targets.week_start_date = forecasts.week_start_date
    and targets.cut_date = forecasts.cut_date
left join known as earlier
    on targets.hospital_id = earlier.hospital_id
    and targets.therapy_code = earlier.therapy_code
    and targets.week_start_date = earlier.week_start_date
    and {{ add_days('targets.cut_date', -7) }} = earlier.cut_date
left join history as recent
    on targets.hospital_id = recent.hospital_id
    and targets.therapy_code = recent.therapy_code
    and {{ add_days('targets.week_start_date', '-7 * (targets.lag_weeks + 1)') }} = recent.week_start_date
left join history as seasons
    on targets.hospital_id = seasons.hospital_id
    and targets.therapy_code = seasons.therapy_code
    and {{ add_days('targets.week_start_date', -364) }} = seasons.week_start_date
