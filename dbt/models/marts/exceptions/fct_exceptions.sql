-- Few, ranked, owned: what is open now, and what was cleared within the last eight weeks. What people decided counts from when the exception
-- opened last; what was accepted is quiet until it is more than a tenth worse; what was called resolved has a week to leave the data.
with lives as (
    select * from {{ ref('int_exceptions__lives') }}
),

decided as (
    select * from {{ ref('int_exceptions__decided') }}
),

partners as (
    select partner_id, min(partner_name) as partner_name, min(role) as role from {{ ref('stg_partner') }} where is_current group by 1
),

joined as (
    select
        lives.*,
        decided.decision_id,
        decided.state as decided_state,
        decided.option_code,
        decided.reason_code,
        decided.note,
        decided.owner_partner_id as decided_owner_partner_id,
        decided.due_date as decided_due_date,
        decided.decided_by_role,
        decided.decided_by_partner_id,
        decided.decided_at,
        decided.decided_date,
        decided.decided_figure,
        decided.submission_id as decision_submission_id
    from lives
    left join decided on lives.exception_key = decided.exception_key and decided.decided_date >= lives.opened_on
),

stated as (
    select
        joined.*,
        decided_state = 'accepted' and figure > decided_figure + 0.1 * abs(decided_figure) + 0.000001 as is_worse_than_accepted,
        decided_state = 'resolved' and {{ date_days('decided_date', planning_date()) }} > 7 as is_not_gone
    from joined
),

lived as (
    select
        stated.*,
        case
            when not is_found then 'cleared'
            when decided_state is null or decided_state = 'reopened' or is_worse_than_accepted or is_not_gone then 'open'
            else decided_state
        end as state,
        case
            when not is_found then null
            when is_worse_than_accepted then concat(
                'Accepted at ', {{ plain_number('decided_figure') }}, '; it is ', {{ plain_number('figure') }}, ' now, ',
                {{ plain_number('figure - decided_figure') }}, ' more.'
            )
            when is_not_gone then concat('Called resolved on ', cast(decided_date as {{ dbt.type_string() }}), '; the data still show it.')
            when times_opened > 1 then concat('Opened ', cast(times_opened as {{ dbt.type_string() }}), ' times.')
        end as state_words
    from stated
),

owned as (
    select
        lived.*,
        coalesce(lived.decided_owner_partner_id, lived.owner_partner_id) as present_owner_id,
        coalesce(lived.decided_due_date, deadlines.due_date) as present_due_date,
        lived.state in ('open', 'acknowledged', 'proposed') as asks_for_attention,
        deadlines.escalation_date
    from lived
    left join {{ ref('int_exceptions__deadlines') }} as deadlines on lived.exception_key = deadlines.exception_key
)

select
    owned.exception_key,
    owned.criterion_code,
    criteria.criterion_name,
    owned.title,
    owned.week_start_date,
    {{ iso_week('owned.week_start_date') }} as iso_week,
    owned.first_week_start_date,
    owned.last_week_start_date,
    owned.therapy_code,
    owned.site_id,
    owned.plant_partner_id,
    owned.hospital_id,
    owned.hospital_partner_id,
    owned.object_kind,
    owned.object_code,
    owned.owning_partner_id,
    owned.severity,
    owned.patients,
    owned.days,
    owned.stake_score,
    owned.figure,
    cast(case
        when owned.asks_for_attention then row_number() over (
            partition by owned.asks_for_attention
            order by
                case when owned.severity = 'critical' then 0 else 1 end,
                owned.stake_score desc,
                {{ severity_rank('owned.severity') }},
                owned.present_due_date,
                owned.exception_key
        )
    end as bigint) as place,
    coalesce(partners.role, owned.owner_role) as owner_role,
    owned.present_owner_id as owner_partner_id,
    coalesce(partners.partner_name, owned.present_owner_id) as owner_name,
    owned.present_due_date as due_date,
    owned.asks_for_attention and coalesce({{ planning_date() }} > owned.present_due_date, false) as is_overdue,
    case when owned.asks_for_attention and {{ planning_date() }} > owned.escalation_date then owned.escalate_to_role end as escalated_to_role,
    owned.opened_on,
    owned.cleared_on,
    cast({{ date_days('owned.opened_on', 'coalesce(owned.cleared_on, ' ~ planning_date() ~ ')') }} as bigint) as age_days,
    cast(owned.times_opened as bigint) as times_opened,
    owned.state,
    owned.state_words,
    coalesce(owned.decided_by_partner_id, owned.decided_by_role) as state_by,
    owned.decided_at as state_at,
    owned.option_code,
    owned.reason_code,
    owned.note,
    owned.ours_words,
    owned.theirs_words,
    owned.reason,
    {{ union_ids(lists=['owned.submission_ids'], singles=['owned.decision_submission_id']) }} as submission_ids
from owned
left join {{ ref('exception_criteria') }} as criteria on owned.criterion_code = criteria.criterion_code
left join partners on owned.present_owner_id = partners.partner_id
