-- How good the forecasts are, of the network and per therapy; nobody's own.
select
    slice_kind,
    therapy_code,
    lag_weeks,
    first_week_start_date,
    last_week_start_date,
    cells,
    cells_without_forecast,
    actual,
    forecast,
    wape_pct,
    mape_pct,
    bias_pct,
    smape_pct,
    tracking_signal,
    volatility_pct,
    value_added_naive_pct,
    value_added_seasonal_pct,
    value_added_average_pct,
    value_added_previous_pct,
    level,
    sign_convention,
    zero_rule,
    submission_ids
from {{ ref('fct_forecast_accuracy') }}
where slice_kind in ('therapy', 'network')
