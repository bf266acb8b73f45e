-- Every time a file came. A submission from before sendings were written down came once, when it stands for.
select
    submissions.submission_id,
    submissions.partner_id,
    submissions.feed,
    submissions.status <> 'refused' as is_accepted,
    coalesce(sendings.sent_at, submissions.as_of) as sent_at
from {{ source('register', 'submission') }} as submissions
left join {{ source('register', 'sending') }} as sendings on submissions.submission_id = sendings.submission_id
where {{ is_known('coalesce(sendings.sent_at, submissions.as_of)', 'submissions.is_agreed') }}
