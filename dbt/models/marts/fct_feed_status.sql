with partners as (
    select * from {{ ref('stg_partner') }} where is_current
),

expected as (
    {{ expected_feeds() }}
),

submissions as (
    select * from {{ source('register', 'submission') }} where as_of < {{ knowledge_ends_at() }}
),

due as (
    select
        partners.partner_id,
        partners.partner_name,
        partners.role,
        expected.feed,
        partners.submission_id,
        {{ local_moment(
            add_days(planning_date(), '-((' ~ iso_weekday(planning_date()) ~ ' - expected.due_weekday + 7) % 7)'), 'expected.due_clock', 'partners.time_zone'
        ) }} as due_at,
        {{ local_moment(
            add_days(planning_date(), '7 - ((' ~ iso_weekday(planning_date()) ~ ' - expected.due_weekday + 7) % 7)'), 'expected.due_clock', 'partners.time_zone'
        ) }} as next_due_at,
        {{ local_moment(
            add_days(planning_date(), '-7 - ((' ~ iso_weekday(planning_date()) ~ ' - expected.due_weekday + 7) % 7)'), 'expected.due_clock', 'partners.time_zone'
        ) }} as previous_due_at
    from partners
    inner join expected on partners.role = expected.role
),

joined_at as (
    select partner_id, min(as_of) as first_as_of from submissions group by 1
),

received as (
    select
        due.partner_id,
        due.feed,
        max(submissions.as_of) as last_as_of,
        -- Only what brought rows answers a feed that is due.
        max(case when submissions.status <> 'refused' and submissions.as_of > due.previous_due_at and submissions.as_of <= due.due_at then 1 else 0 end) as came_in_time,
        max(case when submissions.status <> 'refused' and submissions.as_of > due.due_at then 1 else 0 end) as came_after,
        count(*) as submissions,
        sum(submissions.rows_sent) as rows_sent,
        sum(submissions.rows_accepted) as rows_accepted,
        sum(submissions.rows_refused) as rows_refused,
        {{ ids('submissions.submission_id') }} as submission_ids
    from due
    inner join submissions on due.partner_id = submissions.partner_id and due.feed = submissions.feed
    group by 1, 2
)

select
    due.partner_id,
    due.partner_name,
    due.role,
    due.feed,
    received.last_as_of,
    due.due_at,
    due.next_due_at,
    case
        when joined_at.first_as_of is null or joined_at.first_as_of > due.due_at then 'not_due'
        when received.came_in_time = 1 then 'on_time'
        when received.came_after = 1 then 'late'
        else 'missing'
    end as state,
    coalesce(received.submissions, 0) as submissions,
    cast(coalesce(received.rows_sent, 0) as bigint) as rows_sent,
    cast(coalesce(received.rows_accepted, 0) as bigint) as rows_accepted,
    cast(coalesce(received.rows_refused, 0) as bigint) as rows_refused,
    {{ union_ids(lists=['received.submission_ids'], singles=['due.submission_id']) }} as submission_ids
from due
left join received on due.partner_id = received.partner_id and due.feed = received.feed
left join joined_at on due.partner_id = joined_at.partner_id
