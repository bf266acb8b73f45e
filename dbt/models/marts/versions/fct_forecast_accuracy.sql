with places as (
    select * from {{ ref('int_sites__named') }}
),

cells as (
    select
        cells.*,
        links.site_id
    from {{ ref('int_versions__cells') }} as cells
    left join {{ ref('int_versions__links') }} as links
        on cells.hospital_id = links.hospital_id
        and cells.therapy_code = links.therapy_code
        and cells.week_start_date = links.collection_week_start_date
),

sliced as (
    select
        slices.slice_kind,
        case slices.slice_kind when 'hospital' then cells.hospital_id end as hospital_id,
        case slices.slice_kind when 'plant' then cells.site_id end as site_id,
        case when slices.slice_kind <> 'network' then cells.therapy_code end as therapy_code,
        cells.lag_weeks,
        cells.week_start_date,
        cells.actual,
        cells.forecast,
        cells.previous_forecast,
        cells.naive_forecast,
        cells.seasonal_forecast,
        cells.average_forecast,
        cells.submission_ids
    from cells
    cross join (
        select 'hospital' as slice_kind union all select 'plant' union all select 'therapy' union all select 'network'
    ) as slices
    where slices.slice_kind <> 'plant' or cells.site_id is not null
),

measured as (
    select
        slice_kind,
        hospital_id,
        site_id,
        therapy_code,
        lag_weeks,
        min(week_start_date) as first_week_start_date,
        max(week_start_date) as last_week_start_date,
        cast(count(forecast) as bigint) as cells,
        cast(count(*) - count(forecast) as bigint) as cells_without_forecast,
        round(sum(case when forecast is not null then actual end), 6) as actual,
        round(sum(forecast), 6) as forecast,
        {{ wape('actual', 'forecast') }} as wape_pct,
        {{ mape('actual', 'forecast') }} as mape_pct,
        {{ bias('actual', 'forecast') }} as bias_pct,
        {{ smape('actual', 'forecast') }} as smape_pct,
        {{ tracking_signal('actual', 'forecast') }} as tracking_signal,
        {{ volatility('forecast', 'previous_forecast') }} as volatility_pct,
        {{ value_added('actual', 'forecast', 'naive_forecast') }} as value_added_naive_pct,
        {{ value_added('actual', 'forecast', 'seasonal_forecast') }} as value_added_seasonal_pct,
        {{ value_added('actual', 'forecast', 'average_forecast') }} as value_added_average_pct,
        {{ value_added('actual', 'forecast', 'previous_forecast') }} as value_added_previous_pct,
        {{ all_ids('submission_ids') }} as submission_ids
    from sliced
    group by 1, 2, 3, 4, 5
)

select
    measured.slice_kind,
    measured.hospital_id,
    hospitals.partner_id as hospital_partner_id,
    measured.site_id,
    plants.partner_id as plant_partner_id,
    measured.therapy_code,
    cast(measured.lag_weeks as bigint) as lag_weeks,
    measured.first_week_start_date,
    measured.last_week_start_date,
    measured.cells,
    measured.cells_without_forecast,
    measured.actual,
    measured.forecast,
    measured.wape_pct,
    measured.mape_pct,
    measured.bias_pct,
    measured.smape_pct,
    measured.tracking_signal,
    coalesce(abs(measured.tracking_signal) > 4, false) as is_tracking_alarm,
    measured.volatility_pct,
    measured.value_added_naive_pct,
    measured.value_added_seasonal_pct,
    measured.value_added_average_pct,
    measured.value_added_previous_pct,
    'hospital, therapy and week of collection' as level,
    'bias: + is over-forecast; tracking signal: - is over-forecast; value added: + is better than the other forecast' as sign_convention,
    'a forecast of 0 with patients is an error; MAPE: weeks with patients only; sMAPE: 0 when both are 0; empty when the divisor is 0; '
    || 'weeks without any forecast are left out and counted' as zero_rule,
    measured.submission_ids
from measured
left join places as hospitals on measured.hospital_id = hospitals.site_id
left join places as plants on measured.site_id = plants.site_id
