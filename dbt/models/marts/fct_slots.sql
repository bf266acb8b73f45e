-- A slot's ladder: offered, committed, booked, started, and the product released. A slot that was booked once stays booked, whatever
-- became of it; it is started by the batch of its case that began nearest to its window.
with slots as (
    select * from {{ ref('stg_slot_plan') }} where is_current
),

history as (
    select
        sender_partner_id,
        slot_id,
        max_by(case_id, as_of) filter (where case_id is not null) as last_case_id,
        bool_or(status in ('busy', 'busy-tentative') and case_id is not null) as was_booked,
        {{ ids('submission_id') }} as submission_ids
    from {{ ref('stg_slot_plan') }}
    where is_own
    group by 1, 2
),

batches as (
    select * from {{ ref('int_batches__attempts') }} where manufacture_start_at is not null
),

candidates as (
    select
        history.sender_partner_id,
        history.slot_id,
        batches.batch_id,
        batches.attempt,
        batches.manufacture_start_at,
        batches.disposition,
        batches.is_released,
        batches.submission_ids,
        row_number() over (
            partition by batches.batch_id, batches.attempt
            order by abs({{ date_days('slots.start_window_open_date', 'cast(batches.manufacture_start_at as date)') }}), history.slot_id
        ) as slot_choice,
        row_number() over (
            partition by history.sender_partner_id, history.slot_id
            order by abs({{ date_days('slots.start_window_open_date', 'cast(batches.manufacture_start_at as date)') }}), batches.batch_id
        ) as batch_choice
    from history
    inner join slots on history.sender_partner_id = slots.sender_partner_id and history.slot_id = slots.slot_id
    inner join batches
        on history.last_case_id = batches.case_id
        and slots.site_id = batches.site_id
        and abs({{ date_days('slots.start_window_open_date', 'cast(batches.manufacture_start_at as date)') }}) <= 14
),

starts as (
    select * from candidates where slot_choice = 1 and batch_choice = 1
)

select
    slots.slot_id,
    slots.site_id,
    plants.site_name as plant_name,
    slots.sender_partner_id as plant_partner_id,
    slots.therapy_code,
    slots.line_code,
    slots.start_window_open_date,
    slots.start_window_close_date,
    {{ week_start('slots.start_window_open_date') }} as week_start_date,
    {{ iso_week('slots.start_window_open_date') }} as iso_week,
    slots.status,
    slots.quota_hospital_id,
    slots.case_id,
    slots.hold_expires_at,
    slots.cancel_reason_code,
    slots.start_window_close_date < {{ planning_date() }} as is_past,
    slots.status <> 'busy-unavailable' or history.was_booked as is_committed,
    history.was_booked as is_booked,
    starts.batch_id is not null as is_started,
    starts.batch_id,
    starts.manufacture_start_at,
    case when starts.disposition is not null then starts.is_released end as is_released,
    case
        when slots.start_window_close_date >= {{ planning_date() }} or starts.batch_id is not null then null
        when slots.cancel_reason_code is not null then slots.cancel_reason_code
        when slots.status = 'busy-unavailable' then 'unavailable'
        when history.was_booked then 'not started'
        else 'not booked'
    end as lost_reason,
    {{ union_ids(lists=['history.submission_ids', 'starts.submission_ids']) }} as submission_ids
from slots
inner join history on slots.sender_partner_id = history.sender_partner_id and slots.slot_id = history.slot_id
left join starts on slots.sender_partner_id = starts.sender_partner_id and slots.slot_id = starts.slot_id
left join {{ ref('int_sites__named') }} as plants on slots.site_id = plants.site_id
