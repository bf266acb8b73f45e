-- Forecast demand that no agreement sends to a plant: it is in nobody's plan, so somebody has to be told.
{{ config(severity='warn') }}
select forecasts.hospital_id, forecasts.therapy_code, min(forecasts.week_start_date) as first_week, sum(forecasts.patients) as patients
from {{ ref('stg_demand_forecast') }} as forecasts
left join {{ ref('int_plan__links') }} as links
    on forecasts.hospital_id = links.hospital_id
    and forecasts.therapy_code = links.therapy_code
    and forecasts.week_start_date = links.collection_week_start_date
where
    forecasts.is_current
    and forecasts.patients > 0
    and links.hospital_id is null
    and forecasts.week_start_date >= {{ planning_week() }}
    -- The last weeks of a forecast reach beyond the plan where a lane takes a week.
    and forecasts.week_start_date < (select max(collection_week_start_date) from {{ ref('int_plan__links') }})
group by 1, 2
