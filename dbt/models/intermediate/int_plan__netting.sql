-- What is left of each week's forecast when bookings have consumed it. The weeks with bookings come one after the other; those booked
-- for a week consume its own forecast first, then that of earlier weeks (the nearest first, as far back as the agreement lets them), then
-- that of later weeks. What finds no forecast is demand beyond it.
with recursive forecasts as (
    select * from {{ ref('int_plan__forecasts') }}
),

booked_weeks as (
    select hospital_id, therapy_code, collection_week_start_date, cast(count(*) as double) as booked
    from {{ ref('int_plan__bookings') }}
    where not is_remake
    group by 1, 2, 3
),

-- Only where something is booked is there anything to net.
windows as (
    select
        arrivals.hospital_id,
        arrivals.therapy_code,
        max(arrivals.netting_early_weeks) as early_weeks,
        max(arrivals.netting_late_weeks) as late_weeks
    from {{ ref('int_plan__arrivals') }} as arrivals
    inner join (select distinct hospital_id, therapy_code from booked_weeks) as booked
        on arrivals.hospital_id = booked.hospital_id and arrivals.therapy_code = booked.therapy_code
    group by 1, 2
),

-- Places count from the first week in reach: the collections of the first start lie at most eight weeks before it.
places as (
    select
        windows.hospital_id,
        windows.therapy_code,
        numbers.week_no + 1 as place,
        {{ add_days(planning_week(), '7 * (numbers.week_no - windows.early_weeks - 8)') }} as collection_week_start_date
    from windows
    inner join ({{ numbers(var('horizon_weeks') + 112) }}) as numbers
        on numbers.week_no < windows.early_weeks + 8 + {{ var('horizon_weeks') }} + windows.late_weeks
),

rows_of_weeks as (
    select
        places.*,
        coalesce(forecasts.forecast_gross, 0.0) as patients,
        coalesce(booked_weeks.booked, 0.0) as booked
    from places
    left join forecasts
        on places.hospital_id = forecasts.hospital_id
        and places.therapy_code = forecasts.therapy_code
        and places.collection_week_start_date = forecasts.collection_week_start_date
    left join booked_weeks
        on places.hospital_id = booked_weeks.hospital_id
        and places.therapy_code = booked_weeks.therapy_code
        and places.collection_week_start_date = booked_weeks.collection_week_start_date
),

orders as (
    select
        *,
        row_number() over (partition by hospital_id, therapy_code order by place) as order_no
    from rows_of_weeks
    where booked > 0
),

consumed as (
    select
        windows.*,
        0 as order_no,
        patients.forecasts
    from windows
    inner join ({{ list_in_order('rows_of_weeks', 'patients', 'place', 'forecasts') }}) as patients
        on windows.hospital_id = patients.hospital_id and windows.therapy_code = patients.therapy_code
    union all
    select
        consumed.hospital_id,
        consumed.therapy_code,
        consumed.early_weeks,
        consumed.late_weeks,
        consumed.order_no + 1 as order_no,
        {{ forecast_left('consumed.forecasts', 'orders.place', 'orders.booked', 'consumed.early_weeks', 'consumed.late_weeks') }} as forecasts
    from consumed
    inner join orders
        on consumed.hospital_id = orders.hospital_id
        and consumed.therapy_code = orders.therapy_code
        and consumed.order_no + 1 = orders.order_no
),

last_states as (
    select
        *,
        row_number() over (partition by hospital_id, therapy_code order by order_no desc) as choice
    from consumed
)

select
    forecasts.hospital_id,
    forecasts.therapy_code,
    forecasts.collection_week_start_date,
    forecasts.forecast_latest,
    forecasts.forecast_gross,
    coalesce({{ element_at('last_states.forecasts', 'rows_of_weeks.place') }}, forecasts.forecast_gross) as forecast_net,
    forecasts.submission_ids
from forecasts
left join rows_of_weeks
    on forecasts.hospital_id = rows_of_weeks.hospital_id
    and forecasts.therapy_code = rows_of_weeks.therapy_code
    and forecasts.collection_week_start_date = rows_of_weeks.collection_week_start_date
left join last_states
    on forecasts.hospital_id = last_states.hospital_id and forecasts.therapy_code = last_states.therapy_code and last_states.choice = 1
