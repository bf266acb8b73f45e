-- The same rules as dagster_project/cadence/states.py, which answers at any moment; a test holds the two to each other.
with partners as (
    select * from {{ ref('stg_partner') }} where is_current
),

expected as (
    {{ expected_feeds() }}
),

-- An agreement's own day and time come before the contract's.
agreed as (
    select * from {{ ref('int_feeds__due_days') }}
),

terms as (
    select * from {{ ref('int_feeds__terms') }}
),

sendings as (
    select * from {{ ref('int_feeds__sendings') }}
),

weeks as (
    {{ numbers(4) }}
),

owed as (
    select
        partners.partner_id,
        partners.partner_name,
        partners.role,
        coalesce(agreed.zone, partners.time_zone) as time_zone,
        partners.submission_id,
        agreed.submission_ids as agreed_ids,
        expected.feed,
        coalesce(agreed.due_weekday, expected.due_weekday) as due_weekday,
        coalesce(agreed.due_clock, expected.due_clock) as due_clock
    from partners
    inner join expected on partners.role = expected.role
    left join agreed on partners.partner_id = agreed.partner_id and expected.feed = agreed.feed
    where coalesce(agreed.due_weekday, expected.due_weekday) is not null
),

-- Enough deadlines around the planning date that one of them is the last and one the next, in any zone of the world.
around as (
    select
        owed.*,
        {{ add_days(week_start(planning_date()), '(weeks.week_no - 1) * 7 + owed.due_weekday - 1') }} as due_date
    from owed
    cross join weeks
),

-- A file that comes up to two days after a deadline is late for it, or corrects what came for it; a later one is for the next.
moments as (
    select
        around.*,
        {{ local_moment('due_date', 'due_clock', 'time_zone') }} as due_at,
        {{ local_moment(add_days('due_date', '-5'), 'due_clock', 'time_zone') }} as opens_at
    from around
),

ranked as (
    select
        moments.*,
        due_at <= {{ knowledge_ends_at() }} as is_passed,
        row_number() over (partition by partner_id, feed, due_at <= {{ knowledge_ends_at() }} order by due_at desc) as place_from_last,
        row_number() over (partition by partner_id, feed, due_at <= {{ knowledge_ends_at() }} order by due_at) as place_from_first
    from moments
),

deadlines as (
    select ranked.*, case when is_passed then 'last' else 'next' end as which
    from ranked
    where (is_passed and place_from_last = 1) or (not is_passed and place_from_first = 1)
),

-- Who has sent anything, or is named by an agreement, takes part from then on.
began as (
    select partner_id, min(began_at) as began_at
    from (
        select partner_id, sent_at as began_at from sendings
        union all
        select partner_id, known_at as began_at from terms
    ) as beginnings
    group by 1
),

holding as (
    select
        deadlines.partner_id,
        deadlines.feed,
        deadlines.which,
        max(case
            when terms.valid_from_date <= deadlines.due_date and coalesce(terms.valid_to_date >= deadlines.due_date, true) then 1 else 0
        end) as holds
    from deadlines
    inner join terms on deadlines.partner_id = terms.partner_id
    group by 1, 2, 3
),

answers as (
    select
        deadlines.partner_id,
        deadlines.feed,
        deadlines.which,
        sendings.sent_at,
        sendings.submission_id,
        row_number() over (
            partition by deadlines.partner_id, deadlines.feed, deadlines.which order by sendings.sent_at, sendings.submission_id
        ) as place
    from deadlines
    inner join sendings
        on deadlines.partner_id = sendings.partner_id
        and deadlines.feed = sendings.feed
        and sendings.sent_at > deadlines.opens_at
    -- Only what brought rows answers a feed that is due.
    where sendings.is_accepted
),

judged as (
    select
        deadlines.*,
        coalesce(began.began_at <= deadlines.due_at, false) and coalesce(holding.holds, 1) = 1 as is_owed,
        answers.sent_at,
        answers.submission_id as answer_id
    from deadlines
    left join began on deadlines.partner_id = began.partner_id
    left join holding
        on deadlines.partner_id = holding.partner_id
        and deadlines.feed = holding.feed
        and deadlines.which = holding.which
    left join answers
        on deadlines.partner_id = answers.partner_id
        and deadlines.feed = answers.feed
        and deadlines.which = answers.which
        and answers.place = 1
)

select
    partner_id,
    partner_name,
    role,
    feed,
    which,
    due_at,
    time_zone,
    is_owed,
    case
        when not is_owed then 'not_due'
        when not is_passed and sent_at is not null then 'early'
        when not is_passed then 'not_due'
        when sent_at is null then 'missing'
        when sent_at <= due_at then 'on_time'
        else 'late'
    end as state,
    case when is_owed then sent_at end as answered_at,
    case when is_owed then answer_id end as answered_by,
    {{ union_ids(lists=['agreed_ids'], singles=['submission_id', 'case when is_owed then answer_id end']) }} as submission_ids
from judged
