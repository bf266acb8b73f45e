-- From an exception to the rows it rests on, in the sender's own files: the rows that its criterion reads, and every other submission of the
-- exception as a whole (row_number empty).
with exceptions as (
    select * from {{ ref('fct_exceptions') }} where state <> 'cleared'
),

named as (
    select exception_key, submission_id, row_number from {{ ref('int_exceptions__rows') }}
),

listed as (
    select exceptions.exception_key, {{ each_of('exceptions.submission_ids') }} as submission_id
    from exceptions
),

united as (
    select named.exception_key, named.submission_id, named.row_number
    from named
    inner join exceptions on named.exception_key = exceptions.exception_key
    union
    select listed.exception_key, listed.submission_id, cast(null as bigint) as row_number
    from listed
    left join named on listed.exception_key = named.exception_key and listed.submission_id = named.submission_id
    where named.exception_key is null
)

select
    united.exception_key,
    united.submission_id,
    submissions.feed,
    submissions.partner_id,
    submissions.file_name,
    submissions.as_of as sent_at,
    united.row_number,
    {{ union_ids(singles=['united.submission_id']) }} as submission_ids
from united
inner join {{ source('register', 'submission') }} as submissions on united.submission_id = submissions.submission_id
