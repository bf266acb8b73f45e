-- The day on which a partner's feed is due, where its agreements or the standard terms state one; elsewhere the feed's contract does.
-- The same rules as dagster_project/cadence/days.py.
with terms as (
    select * from {{ ref('int_feeds__terms') }}
    where valid_from_date <= {{ planning_date() }} and coalesce(valid_to_date >= {{ planning_date() }}, true)
),

calendar as (
    select * from {{ ref('int_agreements__calendar') }}
),

partners as (
    select distinct partner_id from {{ ref('stg_partner') }} where is_current
),

-- One file serves all of a partner's agreements, so the earliest day in the week holds, of those that agreements themselves state.
stated as (
    select terms.partner_id, calendar.feed, calendar.due_weekday, calendar.due_clock, calendar.zone, calendar.submission_ids, 0 as preference
    from terms
    inner join calendar on terms.agreement_id = calendar.agreement_id and calendar.stated_by = calendar.agreement_id
    union all
    select partners.partner_id, calendar.feed, calendar.due_weekday, calendar.due_clock, calendar.zone, calendar.submission_ids, 1 as preference
    from partners
    inner join calendar on calendar.agreement_id = {{ standard() }}
),

ranked as (
    select
        stated.*,
        row_number() over (
            partition by partner_id, feed order by preference, due_weekday, due_clock, coalesce(zone, '')
        ) as choice
    from stated
)

select partner_id, feed, due_weekday, due_clock, zone, submission_ids
from ranked
where choice = 1
