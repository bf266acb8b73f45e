-- When each file was stated: when it first stood, and every time its bytes came again. A plan that comes again is in force again from then;
-- an event is told once. A file of which rows were refused withdraws nothing.
with submissions as (
    select submission_id, partner_id, feed, contract_version, as_of, rows_refused = 0 as is_whole
    from {{ source('register', 'submission') }}
    where {{ is_known() }} and status <> 'refused'
),

moments as (
    select submission_id, as_of as stated_at from submissions
    union
    select submissions.submission_id, sendings.sent_at as stated_at
    from submissions
    inner join {{ ref('int_feeds__sendings') }} as sendings
        on submissions.submission_id = sendings.submission_id and sendings.sent_at > submissions.as_of
)

select
    submissions.submission_id,
    submissions.partner_id,
    submissions.feed,
    submissions.contract_version,
    submissions.as_of,
    submissions.is_whole,
    moments.stated_at,
    moments.stated_at = submissions.as_of as is_first,
    row_number() over (partition by submissions.submission_id order by moments.stated_at desc) = 1 as is_last
from submissions
inner join moments on submissions.submission_id = moments.submission_id
