-- What was forecast and when it held, back to the first cycle of the waterfall: a day before that is asked of an edition of its time.
with places as (
    select * from {{ ref('int_sites__named') }}
),

coverage as (
    select * from {{ ref('int_versions__coverage') }}
    where replaced_date is null or replaced_date > {{ versions_kept_from() }}
),

forecasts as (
    select
        coverage.hospital_id,
        said.therapy_code,
        coverage.week_start_date,
        'forecast' as version_kind,
        coverage.stated_at,
        coverage.stated_date,
        coverage.replaced_date,
        coverage.version_rank,
        round(sum(said.patients), 6) as patients,
        {{ version_ids('coverage', 'said') }} as submission_ids
    from {{ ref('int_versions__forecasts') }} as said
    inner join coverage
        on said.sender_partner_id = coverage.sender_partner_id
        and said.hospital_id = coverage.hospital_id
        and said.week_start_date = coverage.week_start_date
        and said.version_id = coverage.version_id
    group by 1, 2, 3, 4, 5, 6, 7, 8
),

-- Known when the week has ended.
actuals as (
    select
        hospital_id,
        therapy_code,
        week_start_date,
        'actual' as version_kind,
        cast(null as timestamp with time zone) as stated_at,
        {{ add_days('week_start_date', 7) }} as stated_date,
        cast(null as date) as replaced_date,
        cast(0 as bigint) as version_rank,
        patients,
        submission_ids
    from {{ ref('int_versions__collected') }}
    where week_start_date < {{ planning_week() }}
),

versions as (
    select * from forecasts
    union all
    select * from actuals
)

select
    versions.hospital_id,
    places.site_name as hospital_name,
    places.partner_id as hospital_partner_id,
    versions.therapy_code,
    versions.week_start_date,
    {{ iso_week('versions.week_start_date') }} as iso_week,
    versions.version_kind,
    versions.stated_at,
    versions.stated_date,
    versions.replaced_date,
    cast({{ date_days(week_start('versions.stated_date'), 'versions.week_start_date') }} / 7 as bigint) as lag_weeks,
    cast(versions.version_rank as bigint) as version_rank,
    versions.patients,
    versions.submission_ids
from versions
left join places on versions.hospital_id = places.site_id
