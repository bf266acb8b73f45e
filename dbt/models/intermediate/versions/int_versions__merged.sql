-- What a forecast file says in which rows were refused: its own rows, and those of the versions before it that it does not restate, back to
-- the last whole one. Few files are so, so that this is small.
with coverage as (
    select * from {{ ref('int_versions__coverage') }}
),

-- The files of which the newest row of a key holds in such a version.
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
    inner join (
        select * from {{ ref('int_versions__stated') }}
        where is_own and submission_id in (select submission_id from sources)
    ) as stated
        on sources.sender_partner_id = stated.sender_partner_id
        and sources.hospital_id = stated.hospital_id
        and sources.week_start_date = stated.week_start_date
        and sources.submission_id = stated.submission_id
)

select sender_partner_id, hospital_id, therapy_code, week_start_date, category, version_id, submission_id, patients
from merged
where place = 1
