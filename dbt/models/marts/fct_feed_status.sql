-- The deadlines of a feed in one row, with what came for it at all.
with due as (
    select * from {{ ref('fct_due') }}
),

submissions as (
    select * from {{ source('register', 'submission') }} where {{ is_known() }}
),

last_sent as (
    select partner_id, feed, max(sent_at) as last_as_of from {{ ref('int_feeds__sendings') }} group by 1, 2
),

received as (
    select
        partner_id,
        feed,
        count(*) as submissions,
        sum(rows_sent) as rows_sent,
        sum(rows_accepted) as rows_accepted,
        sum(rows_refused) as rows_refused,
        {{ ids('submission_id') }} as submission_ids
    from submissions
    group by 1, 2
)

select
    last_due.partner_id,
    last_due.partner_name,
    last_due.role,
    last_due.feed,
    last_sent.last_as_of,
    last_due.due_at,
    next_due.due_at as next_due_at,
    last_due.state,
    next_due.state as next_state,
    coalesce(received.submissions, 0) as submissions,
    cast(coalesce(received.rows_sent, 0) as bigint) as rows_sent,
    cast(coalesce(received.rows_accepted, 0) as bigint) as rows_accepted,
    cast(coalesce(received.rows_refused, 0) as bigint) as rows_refused,
    {{ union_ids(lists=['received.submission_ids', 'last_due.submission_ids']) }} as submission_ids
from due as last_due
inner join due as next_due on last_due.partner_id = next_due.partner_id and last_due.feed = next_due.feed and next_due.which = 'next'
left join received on last_due.partner_id = received.partner_id and last_due.feed = received.feed
left join last_sent on last_due.partner_id = last_sent.partner_id and last_due.feed = last_sent.feed
where last_due.which = 'last'
