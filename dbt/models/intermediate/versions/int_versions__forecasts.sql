-- What each version of the forecast said of a therapy and week, all kinds of demand together: the rows of its file and, where rows of the
-- file were refused, those of the versions before it that it does not restate, back to the last whole one.
with stated as (
    select * from {{ ref('stg_demand_forecast') }} where is_own
),

coverage as (
    select * from {{ ref('int_versions__coverage') }}
),

-- The files of which the newest row of a key holds in a version with refused rows.
sources as (
    select
        partial.sender_partner_id,
        partial.hospital_id,
        partial.week_start_date,
        partial.version_id,
        earlier.submission_id,
        max(earlier.stated_at) as stated_at
    from coverage as partial
    inner join coverage as earlier
        on partial.sender_partner_id = earlier.sender_partner_id
        and partial.hospital_id = earlier.hospital_id
        and partial.week_start_date = earlier.week_start_date
        and earlier.stated_at <= partial.stated_at
        and (partial.whole_since is null or earlier.stated_at >= partial.whole_since)
    where not partial.is_whole
    group by 1, 2, 3, 4, 5
),

merged as (
    select
        sources.version_id,
        stated.*,
        row_number() over (
            partition by sources.sender_partner_id, sources.hospital_id, sources.week_start_date, sources.version_id,
                stated.therapy_code, stated.category
            order by sources.stated_at desc, sources.submission_id desc
        ) as place
    from sources
    inner join stated
        on sources.sender_partner_id = stated.sender_partner_id
        and sources.hospital_id = stated.hospital_id
        and sources.week_start_date = stated.week_start_date
        and sources.submission_id = stated.submission_id
),

said as (
    select sender_partner_id, hospital_id, therapy_code, week_start_date, submission_id as version_id, submission_id, patients
    from stated
    where is_whole
    union all
    select sender_partner_id, hospital_id, therapy_code, week_start_date, version_id, submission_id, patients
    from merged
    where place = 1
)

select
    sender_partner_id,
    hospital_id,
    therapy_code,
    week_start_date,
    version_id,
    round(sum(patients), 6) as patients,
    {{ ids('submission_id') }} as submission_ids
from said
group by 1, 2, 3, 4, 5
