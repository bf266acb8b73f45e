-- The forecast of each hospital, therapy and week of collection: as it stands now, and as the plan takes it. In a frozen week that is the
-- version known when the week froze or, where nothing had been said by then, the first one said after.
with forecasts as (
    select * from {{ ref('stg_demand_forecast') }}
    -- As far back as a booking of the plan may net.
    where is_own and week_start_date >= {{ add_days(planning_week(), -7 * 34) }}
),

latest as (
    select
        hospital_id,
        therapy_code,
        week_start_date as collection_week_start_date,
        round(sum(patients), 6) as patients,
        {{ ids('submission_id') }} as submission_ids
    from forecasts
    where is_current
    group by 1, 2, 3
),

frozen_weeks as (
    select hospital_id, therapy_code, collection_week_start_date, min(frozen_date) as frozen_date
    from {{ ref('int_plan__arrivals') }}
    where is_frozen
    group by 1, 2, 3
),

versions as (
    select * from {{ ref('int_versions__coverage') }}
    where week_start_date in (select collection_week_start_date from frozen_weeks)
),

known as (
    select
        frozen_weeks.hospital_id,
        frozen_weeks.therapy_code,
        frozen_weeks.collection_week_start_date,
        versions.sender_partner_id,
        versions.submission_id,
        versions.version_id,
        row_number() over (
            partition by frozen_weeks.hospital_id, frozen_weeks.therapy_code, frozen_weeks.collection_week_start_date
            order by
                versions.stated_at >= {{ as_timestamp('frozen_weeks.frozen_date') }},
                abs({{ hours_between(as_timestamp('frozen_weeks.frozen_date'), 'versions.stated_at') }}),
                versions.submission_id desc
        ) as choice
    from frozen_weeks
    inner join versions
        on frozen_weeks.hospital_id = versions.hospital_id and frozen_weeks.collection_week_start_date = versions.week_start_date
),

said as (
    select
        known.hospital_id,
        known.therapy_code,
        known.collection_week_start_date,
        round(sum(forecasts.patients), 6) as patients,
        {{ ids('forecasts.submission_id') }} as submission_ids
    from known
    inner join {{ ref('int_versions__forecasts') }} as forecasts
        on known.sender_partner_id = forecasts.sender_partner_id
        and known.version_id = forecasts.version_id
        and known.hospital_id = forecasts.hospital_id
        and known.therapy_code = forecasts.therapy_code
        and known.collection_week_start_date = forecasts.week_start_date
    where known.choice = 1
    group by 1, 2, 3
),

-- A therapy that the version leaves out is a forecast of nothing.
frozen as (
    select
        known.hospital_id,
        known.therapy_code,
        known.collection_week_start_date,
        coalesce(said.patients, 0.0) as patients,
        {{ union_ids(lists=['said.submission_ids'], singles=['known.submission_id']) }} as submission_ids
    from known
    left join said
        on known.hospital_id = said.hospital_id
        and known.therapy_code = said.therapy_code
        and known.collection_week_start_date = said.collection_week_start_date
    where known.choice = 1
)

select
    coalesce(latest.hospital_id, frozen.hospital_id) as hospital_id,
    coalesce(latest.therapy_code, frozen.therapy_code) as therapy_code,
    coalesce(latest.collection_week_start_date, frozen.collection_week_start_date) as collection_week_start_date,
    coalesce(latest.patients, 0.0) as forecast_latest,
    coalesce(frozen.patients, latest.patients) as forecast_gross,
    {{ union_ids(lists=['latest.submission_ids', 'frozen.submission_ids']) }} as submission_ids
from latest
full outer join frozen
    on latest.hospital_id = frozen.hospital_id
    and latest.therapy_code = frozen.therapy_code
    and latest.collection_week_start_date = frozen.collection_week_start_date
