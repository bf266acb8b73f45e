-- From when to when a forecast file was the newest that spoke of a hospital's week. A file restates every week between its first and its
-- last, so a therapy that it leaves out of such a week is withdrawn, unless rows of it were refused. A file that comes again after a newer
-- one is a version of its own; one that comes again while it is the newest says nothing new.
with stated as (
    select distinct sender_partner_id, hospital_id, submission_id, week_start_date
    from {{ ref('int_versions__stated') }}
    where is_own
),

files as (
    select
        sender_partner_id,
        hospital_id,
        submission_id,
        min(week_start_date) as first_week,
        max(week_start_date) as last_week
    from stated
    group by 1, 2, 3
),

statements as (
    select files.*, statements.stated_at, statements.is_whole
    from files
    inner join {{ ref('int_feeds__statements') }} as statements on files.submission_id = statements.submission_id
),

weeks as (
    select distinct sender_partner_id, hospital_id, week_start_date from stated
),

told as (
    select
        weeks.sender_partner_id,
        weeks.hospital_id,
        weeks.week_start_date,
        statements.submission_id,
        statements.stated_at,
        statements.is_whole,
        lag(statements.submission_id) over (
            partition by weeks.sender_partner_id, weeks.hospital_id, weeks.week_start_date
            order by statements.stated_at, statements.submission_id
        ) as submission_before
    from weeks
    inner join statements
        on weeks.sender_partner_id = statements.sender_partner_id
        and weeks.hospital_id = statements.hospital_id
        and weeks.week_start_date between statements.first_week and statements.last_week
),

ranked as (
    select
        told.*,
        row_number() over (
            partition by sender_partner_id, hospital_id, week_start_date order by stated_at desc, submission_id desc
        ) as version_rank,
        lead(stated_at) over (
            partition by sender_partner_id, hospital_id, week_start_date order by stated_at, submission_id
        ) as replaced_at,
        max(case when is_whole then stated_at end) over (
            partition by sender_partner_id, hospital_id, week_start_date
            order by stated_at, submission_id rows between unbounded preceding and current row
        ) as whole_since
    from told
    where submission_before is null or submission_before <> submission_id
)

select
    sender_partner_id,
    hospital_id,
    week_start_date,
    submission_id,
    -- What a whole file says is always the same; a partial one leaves in force what was said before it.
    case when is_whole then submission_id else concat(submission_id, ' ', cast(stated_at as {{ dbt.type_string() }})) end as version_id,
    version_rank,
    is_whole,
    stated_at,
    replaced_at,
    whole_since,
    cast(stated_at as date) as stated_date,
    cast(replaced_at as date) as replaced_date
from ranked
