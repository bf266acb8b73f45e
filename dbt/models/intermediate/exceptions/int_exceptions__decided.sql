-- The newest decision on each exception: what people have said of it. The operator may, and whoever owns it or its object; a partner to whom
-- one of those has handed it may too.
with lives as (
    select * from {{ ref('int_exceptions__lives') }}
),

operators as (
    select distinct partner_id from {{ ref('stg_partner') }} where is_current and role = 'operator'
),

decisions as (
    select
        decisions.*,
        cast(decisions.decided_at as date) as decided_date,
        lives.figure,
        operators.partner_id is not null
        or coalesce(decisions.sender_partner_id in (
            lives.owner_partner_id, lives.owning_partner_id, lives.plant_partner_id, lives.hospital_partner_id
        ), false) as is_entitled
    from {{ ref('stg_decision') }} as decisions
    inner join lives on decisions.exception_key = lives.exception_key
    left join operators on decisions.sender_partner_id = operators.partner_id
    where decisions.is_current
),

handed as (
    select distinct exception_key, owner_partner_id from decisions where is_entitled and owner_partner_id is not null
),

ranked as (
    select
        decisions.*,
        row_number() over (
            partition by decisions.exception_key
            order by decisions.decided_at desc, decisions.as_of desc, decisions.submission_id desc, decisions.decision_id
        ) as choice
    from decisions
    left join handed
        on decisions.exception_key = handed.exception_key and decisions.sender_partner_id = handed.owner_partner_id
    where decisions.is_entitled or handed.exception_key is not null
),

newest as (
    select * from ranked where choice = 1
),

-- What it was when somebody decided: as the last plan up to that day had it.
figures as (
    select
        newest.exception_key,
        max_by(days.figure, days.planning_date) as decided_figure
    from newest
    inner join {{ ref('int_exceptions__days') }} as days
        on newest.exception_key = days.exception_key and days.planning_date <= newest.decided_date
    group by 1
)

select
    newest.exception_key,
    newest.decision_id,
    newest.state,
    newest.option_code,
    newest.reason_code,
    newest.note,
    newest.owner_partner_id,
    newest.due_date,
    newest.decided_by_role,
    newest.sender_partner_id as decided_by_partner_id,
    newest.decided_at,
    newest.decided_date,
    coalesce(figures.decided_figure, newest.figure) as decided_figure,
    newest.submission_id
from newest
left join figures on newest.exception_key = figures.exception_key
