-- When an exception is due, and when it goes up the chain: business days of its owner, weekends and the holidays of its sites left out.
with lives as (
    select * from {{ ref('int_exceptions__lives') }} where is_found
),

holidays as (
    select distinct sites.partner_id, events.start_date, events.end_date
    from {{ ref('stg_calendar') }} as events
    inner join {{ ref('stg_site') }} as sites
        on sites.is_current
        and sites.holiday_calendar_code is not null
        and (events.site_id is null or events.site_id = sites.site_id)
    where events.is_current and events.event_kind = 'holiday'
),

ahead as (
    select
        lives.exception_key,
        lives.due_days,
        lives.due_days + coalesce(lives.escalate_after_days, 0) as escalation_days,
        lives.owner_partner_id,
        {{ add_days('lives.opened_on', 'numbers.week_no + 1') }} as day
    from lives
    -- Enough days that the longest agreed term fits in, holidays and all.
    cross join ({{ numbers(90) }}) as numbers
),

counted as (
    select
        ahead.*,
        row_number() over (partition by ahead.exception_key order by ahead.day) as business_day
    from ahead
    left join holidays
        on ahead.owner_partner_id = holidays.partner_id and ahead.day between holidays.start_date and holidays.end_date
    where holidays.partner_id is null and {{ date_days(week_start('ahead.day'), 'ahead.day') }} < 5
)

select
    exception_key,
    max(case when business_day = greatest(due_days, 1) then day end) as due_date,
    max(case when business_day = greatest(escalation_days, 1) then day end) as escalation_date
from counted
group by 1
