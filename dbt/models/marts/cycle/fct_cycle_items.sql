-- Who owes what by when, for the plan of this week (it rests on the deadlines that have passed) and for the coming one.
with partners as (
    select partner_id, partner_name, role, time_zone, submission_id from {{ ref('stg_partner') }} where is_current
),

operators as (
    select * from partners where role = 'operator'
),

cycles as (
    select 'this' as cycle, {{ planning_week() }} as cycle_week_start_date
    union all
    select 'coming' as cycle, {{ add_days(planning_week(), 7) }} as cycle_week_start_date
),

-- Steps 2, 3, 6 and 9: files that are due.
sent as (
    select
        case due.which when 'last' then 'this' else 'coming' end as cycle,
        coalesce(steps.step_no, 9) as step_no,
        due.feed as item_code,
        due.partner_id,
        due.due_at,
        due.answered_at as done_at,
        case due.state when 'missing' then 'late' when 'not_due' then 'open' else 'done' end as state,
        due.submission_ids
    from {{ ref('fct_due') }} as due
    left join {{ ref('cycle_feeds') }} as steps on due.feed = steps.feed
    where due.is_owed
),

-- Step 1: demand that no agreement sends to a plant.
without_agreement as (
    select count(*) as found, {{ all_ids('submission_ids') }} as submission_ids
    from {{ ref('fct_unplaced_rows') }}
    where reason_code = 'no_agreement'
),

agreed as (
    select
        cycles.cycle,
        1 as step_no,
        'agreement' as item_code,
        operators.partner_id,
        {{ local_moment('cycles.cycle_week_start_date', "'00:00:00'", 'operators.time_zone') }} as due_at,
        cast(null as {{ dbt.type_timestamp() }}) as done_at,
        case when without_agreement.found = 0 then 'done' when cycles.cycle = 'this' then 'late' else 'open' end as state,
        {{ union_ids(lists=['without_agreement.submission_ids'], singles=['operators.submission_id']) }} as submission_ids
    from cycles
    cross join operators
    cross join without_agreement
),

-- Step 2: the events of the quarter, restated at least every thirteen weeks.
events as (
    select sender_partner_id, max(stated_at) as stated_at, {{ ids('submission_id', 'is_current') }} as submission_ids
    from {{ ref('stg_calendar') }}
    group by 1
),

planned as (
    select
        cycles.cycle,
        2 as step_no,
        'calendar' as item_code,
        operators.partner_id,
        {{ local_moment('cycles.cycle_week_start_date', "'00:00:00'", 'operators.time_zone') }} as due_at,
        events.stated_at as done_at,
        case
            when events.stated_at >= {{ as_timestamp(add_days('cycles.cycle_week_start_date', -91)) }} then 'done'
            when cycles.cycle = 'this' then 'late'
            else 'open'
        end as state,
        {{ union_ids(lists=['events.submission_ids'], singles=['operators.submission_id']) }} as submission_ids
    from cycles
    cross join operators
    left join events on operators.partner_id = events.sender_partner_id
),

-- Step 4: the platform compares once the last forecast is there.
forecasts as (
    select
        cycle,
        max(due_at) as due_at,
        max(done_at) as done_at,
        sum(case when state = 'done' then 0 else 1 end) as waits_for,
        {{ all_ids('submission_ids') }} as submission_ids
    from sent
    where step_no = 3
    group by 1
),

compared as (
    select
        forecasts.cycle,
        4 as step_no,
        'comparison' as item_code,
        operators.partner_id,
        forecasts.due_at,
        case when forecasts.waits_for = 0 then forecasts.done_at end as done_at,
        case when forecasts.waits_for = 0 then 'done' else 'open' end as state,
        {{ union_ids(lists=['forecasts.submission_ids']) }} as submission_ids
    from forecasts
    cross join operators
),

-- Steps 5 and 8: what the forecasts and the answers to them raised in exceptions, and whether somebody has settled it.
exceptions as (
    select
        case
            when criterion_code in ('forecast_change_beyond_flex', 'change_in_frozen_period', 'forecast_against_baseline') then 5
            when criterion_code in (
                'forecast_against_commit', 'bottleneck_red', 'bottleneck_orange', 'bed_short', 'chair_short', 'vector_cover_low', 'decision_contradicted'
            ) then 8
        end as step_no,
        criterion_code,
        owner_partner_id,
        due_date,
        case
            when state in ('resolved', 'accepted', 'cleared') then 'done'
            when is_overdue then 'late'
            else 'open'
        end as state,
        coalesce(state_at, {{ as_timestamp('cleared_on') }}) as settled_at,
        submission_ids
    from {{ ref('fct_exceptions') }}
    -- What was gone before this cycle is none of its items.
    where state <> 'cleared' or cleared_on >= {{ planning_week() }}
),

raised as (
    select
        'this' as cycle,
        step_no,
        criterion_code as item_code,
        owner_partner_id as partner_id,
        min({{ as_timestamp(add_days('coalesce(due_date, ' ~ planning_date() ~ ')', 1)) }}) as due_at,
        case when min(case when state = 'done' then 1 else 0 end) = 1 then max(settled_at) end as done_at,
        case
            when max(case when state = 'late' then 1 else 0 end) = 1 then 'late'
            when max(case when state = 'open' then 1 else 0 end) = 1 then 'open'
            else 'done'
        end as state,
        {{ all_ids('submission_ids') }} as submission_ids
    from exceptions
    where step_no is not null
    group by 1, 2, 3, 4
),

-- Step 7: the answer of a plant, a supplier or a courier to each week of the newest forecast that is not past.
commits as (
    select plant_partner_id as partner_id, therapy_code as item_code, due_date, first_answered_at, is_answered, is_overdue, submission_ids
    from {{ ref('fct_commits') }}
    where is_newest_version and week_start_date >= {{ planning_week() }}
    union all
    select partner_id, resource_name as item_code, due_date, first_answered_at, is_answered, is_overdue, submission_ids
    from {{ ref('fct_supply_commits') }}
    where is_newest_version and week_start_date >= {{ planning_week() }}
),

answered as (
    select
        'this' as cycle,
        7 as step_no,
        item_code,
        partner_id,
        max({{ as_timestamp(add_days('due_date', 1)) }}) as due_at,
        case when min(case when is_answered then 1 else 0 end) = 1 then max(first_answered_at) end as done_at,
        case
            when min(case when is_answered then 1 else 0 end) = 1 then 'done'
            when max(case when is_overdue then 1 else 0 end) = 1 then 'late'
            else 'open'
        end as state,
        {{ all_ids('submission_ids') }} as submission_ids
    from commits
    group by 1, 2, 3, 4
),

-- Step 9: slots of the frozen weeks that are still only held for somebody.
frozen as (
    select site_id, therapy_code, max(frozen_weeks) as frozen_weeks from {{ ref('int_agreements__terms') }} group by 1, 2
),

firm as (
    select
        'this' as cycle,
        9 as step_no,
        slots.therapy_code as item_code,
        slots.plant_partner_id as partner_id,
        {{ as_timestamp(planning_week()) }} as due_at,
        cast(null as {{ dbt.type_timestamp() }}) as done_at,
        case when max(case when slots.status = 'busy-tentative' then 1 else 0 end) = 1 then 'late' else 'done' end as state,
        {{ all_ids('slots.submission_ids') }} as submission_ids
    from {{ ref('fct_slots') }} as slots
    inner join frozen on slots.site_id = frozen.site_id and slots.therapy_code = frozen.therapy_code
    where
        slots.week_start_date >= {{ planning_week() }}
        and slots.week_start_date < {{ add_days(planning_week(), '7 * frozen.frozen_weeks') }}
    group by 1, 2, 3, 4
),

items as (
    {%- for name in ['sent', 'agreed', 'planned', 'compared', 'raised', 'answered', 'firm'] %}
    select cycle, step_no, item_code, partner_id, due_at, done_at, state, submission_ids from {{ name }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    items.cycle,
    cycles.cycle_week_start_date,
    {{ iso_week('cycles.cycle_week_start_date') }} as iso_week,
    cast(items.step_no as integer) as step_no,
    steps.activity,
    steps.step_name,
    items.item_code,
    items.partner_id,
    coalesce(partners.partner_name, items.partner_id) as partner_name,
    partners.role,
    items.due_at,
    items.done_at,
    items.state,
    coalesce(items.state = 'done' and items.done_at > items.due_at, false) as came_late,
    items.submission_ids
from items
inner join cycles on items.cycle = cycles.cycle
inner join {{ ref('cycle_steps') }} as steps on items.step_no = steps.step_no
left join partners on items.partner_id = partners.partner_id
where items.partner_id is not null
