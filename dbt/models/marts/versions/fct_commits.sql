-- What each forecast version asked of a plant, week by week, and what the plant answered.
with requests as (
    select * from {{ ref('int_versions__requests') }}
),

answers as (
    select * from {{ ref('int_versions__answers') }}
),

keys as (
    select site_id, therapy_code, week_start_date, version_date from requests
    union
    select site_id, therapy_code, week_start_date, version_date from answers
),

-- The strictest agreement of the plant for the therapy.
terms as (
    select site_id, therapy_code, min(response_days) as response_days, {{ all_ids('submission_ids') }} as submission_ids
    from {{ ref('int_agreements__terms') }}
    group by 1, 2
),

newest as (
    select site_id, therapy_code, max(version_date) as version_date from keys group by 1, 2
),

joined as (
    select
        keys.site_id,
        keys.therapy_code,
        keys.week_start_date,
        keys.version_date,
        newest.site_id is not null as is_newest_version,
        coalesce(requests.requested_starts, 0.0) as requested_starts,
        requests.stated_at,
        answers.actual_starts as committed_starts,
        answers.maximum_starts,
        answers.agreed_starts,
        answers.load_shift_starts,
        answers.reason_code,
        answers.note,
        answers.first_answered_at,
        answers.answered_at,
        answers.answered_at is not null as is_answered,
        {{ add_days('keys.version_date', 'coalesce(terms.response_days, 3)') }} as due_date,
        {{ union_ids(lists=['requests.submission_ids', 'terms.submission_ids'], singles=['answers.submission_id']) }} as submission_ids
    from keys
    left join requests
        on keys.site_id = requests.site_id
        and keys.therapy_code = requests.therapy_code
        and keys.week_start_date = requests.week_start_date
        and keys.version_date = requests.version_date
    left join answers
        on keys.site_id = answers.site_id
        and keys.therapy_code = answers.therapy_code
        and keys.week_start_date = answers.week_start_date
        and keys.version_date = answers.version_date
    left join terms on keys.site_id = terms.site_id and keys.therapy_code = terms.therapy_code
    left join newest
        on keys.site_id = newest.site_id and keys.therapy_code = newest.therapy_code and keys.version_date = newest.version_date
),

followed as (
    select
        joined.*,
        max(case when is_answered then version_date end) over (
            partition by site_id, therapy_code, week_start_date order by version_date rows between unbounded preceding and 1 preceding
        ) as last_answered_version_date
    from joined
)

select
    followed.site_id,
    plants.site_name as plant_name,
    plants.partner_id as plant_partner_id,
    followed.therapy_code,
    followed.week_start_date,
    {{ iso_week('followed.week_start_date') }} as iso_week,
    followed.version_date,
    followed.is_newest_version,
    followed.requested_starts,
    followed.committed_starts,
    followed.maximum_starts,
    followed.agreed_starts,
    followed.load_shift_starts,
    case when followed.is_answered then round(greatest(followed.requested_starts - followed.committed_starts, 0.0), 6) end as short_starts,
    case when followed.is_answered then round(greatest(followed.committed_starts - followed.requested_starts, 0.0), 6) end as over_starts,
    -- Compared to a tenth of a start, as screens show it: who answers 1 where 1.01 is asked is not short.
    followed.is_answered and round(followed.requested_starts, 1) > round(followed.committed_starts, 1) as is_mismatch,
    followed.is_answered
    and round(followed.requested_starts, 1) > round(followed.committed_starts, 1)
    and followed.reason_code is null as is_short_without_reason,
    followed.reason_code,
    followed.note,
    followed.last_answered_version_date,
    round(followed.requested_starts - earlier.requested_starts, 6) as changed_since_last_answer,
    round(followed.committed_starts - earlier.committed_starts, 6) as commit_change,
    followed.due_date,
    followed.first_answered_at,
    followed.answered_at,
    followed.is_answered,
    followed.is_answered and cast(followed.first_answered_at as date) <= followed.due_date as is_on_time,
    -- An older version that was never answered is superseded by the newest: one reminder, not one per week that passed.
    not followed.is_answered and followed.is_newest_version and {{ planning_date() }} > followed.due_date as is_overdue,
    {{ hours_between('followed.stated_at', 'followed.first_answered_at') }} as response_hours,
    followed.submission_ids
from followed
left join joined as earlier
    on followed.site_id = earlier.site_id
    and followed.therapy_code = earlier.therapy_code
    and followed.week_start_date = earlier.week_start_date
    and followed.last_answered_version_date = earlier.version_date
left join {{ ref('int_sites__named') }} as plants on followed.site_id = plants.site_id
