-- From when to when a forecast file was the newest that spoke of a hospital's week. A file restates every week between its first and its
-- last, so a therapy that it leaves out of such a week is withdrawn, not kept.
with stated as (
    select * from {{ ref('stg_demand_forecast') }} where is_own
),

files as (
    select
        sender_partner_id,
        hospital_id,
        submission_id,
        as_of as stated_at,
        min(week_start_date) as first_week,
        max(week_start_date) as last_week
    from stated
    group by 1, 2, 3, 4
),

weeks as (
    select distinct sender_partner_id, hospital_id, week_start_date from stated
),

ranked as (
    select
        weeks.sender_partner_id,
        weeks.hospital_id,
        weeks.week_start_date,
        files.submission_id,
        files.stated_at,
        row_number() over (
            partition by weeks.sender_partner_id, weeks.hospital_id, weeks.week_start_date
            order by files.stated_at desc, files.submission_id desc
        ) as version_rank,
        lead(files.stated_at) over (
            partition by weeks.sender_partner_id, weeks.hospital_id, weeks.week_start_date order by files.stated_at, files.submission_id
        ) as replaced_at
    from weeks
    inner join files
        on weeks.sender_partner_id = files.sender_partner_id
        and weeks.hospital_id = files.hospital_id
        and weeks.week_start_date between files.first_week and files.last_week
)

select
    sender_partner_id,
    hospital_id,
    week_start_date,
    submission_id,
    version_rank,
    stated_at,
    replaced_at,
    cast(stated_at as date) as stated_date,
    cast(replaced_at as date) as replaced_date
from ranked
