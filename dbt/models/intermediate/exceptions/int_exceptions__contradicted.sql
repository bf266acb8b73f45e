-- decision_contradicted: a decision in force that changes the plan, and what the owner of that part of the plan has sent since, which says
-- otherwise: fewer slots than were there and were decided, or a lot that comes later, or never. Decisions about weeks that are past are done.
with in_force as (
    select
        judged.*,
        to_site_id as plant_id,
        case option_code when 'expedite_lot' then week_start_date else to_week_start_date end as decided_week_date,
        case option_code when 'add_slots' then quantity else 0.0 end as added
    from {{ ref('int_decisions__judged') }} as judged
    where standing = 'in force'
),

slots as (
    select
        slot_id, sender_partner_id, site_id, therapy_code, {{ week_start('start_window_open_date') }} as week_start_date, status, is_current, as_of, submission_id
    from {{ ref('stg_slot_plan') }}
    where is_own
),

-- Each slot as it was when it was decided.
known as (
    select
        in_force.decision_id,
        in_force.sender_partner_id as decider_id,
        slots.status,
        slots.submission_id,
        row_number() over (
            partition by in_force.decision_id, in_force.sender_partner_id, slots.sender_partner_id, slots.slot_id
            order by slots.as_of desc, slots.submission_id desc
        ) as choice
    from in_force
    inner join slots
        on in_force.plant_id = slots.site_id
        and in_force.therapy_code = slots.therapy_code
        and in_force.decided_week_date = slots.week_start_date
        and slots.as_of <= in_force.decided_at
    where in_force.option_code in ('add_slots', 'shift_week', 'other_plant', 'release_slot')
),

before as (
    select decision_id, decider_id, count(*) as slots, {{ ids('submission_id') }} as submission_ids
    from known
    where choice = 1 and status in ('free', 'busy', 'busy-tentative')
    group by 1, 2
),

-- When the plant spoke again, and what it offers now.
spoken as (
    select site_id, max(as_of) as as_of, max_by(submission_id, as_of) as submission_id from slots group by 1
),

offered as (
    select site_id, therapy_code, week_start_date, count(*) as slots, {{ ids('submission_id') }} as submission_ids
    from slots
    where is_current and status in ('free', 'busy', 'busy-tentative')
    group by 1, 2, 3
),

fewer as (
    select
        in_force.*,
        coalesce(before.slots, 0) + in_force.added as decided_slots,
        cast(coalesce(offered.slots, 0) as double) as offered_slots,
        {{ union_ids(lists=['before.submission_ids', 'offered.submission_ids', 'in_force.submission_ids'], singles=['spoken.submission_id']) }} as all_ids
    from in_force
    inner join spoken on in_force.plant_id = spoken.site_id and spoken.as_of > in_force.decided_at
    left join before on in_force.decision_id = before.decision_id and in_force.sender_partner_id = before.decider_id
    left join offered
        on in_force.plant_id = offered.site_id
        and in_force.therapy_code = offered.therapy_code
        and in_force.decided_week_date = offered.week_start_date
    where
        in_force.option_code in ('add_slots', 'shift_week', 'other_plant', 'release_slot')
        and coalesce(offered.slots, 0) < coalesce(before.slots, 0) + in_force.added
),

late_lots as (
    select
        in_force.*,
        lots.status as lot_status,
        lots.release_planned_date,
        {{ union_ids(lists=['in_force.submission_ids'], singles=['lots.submission_id']) }} as all_ids
    from in_force
    inner join {{ ref('stg_vector_inventory') }} as lots
        on in_force.lot_id = lots.lot_code and lots.is_current and lots.as_of > in_force.decided_at
    where
        in_force.option_code = 'expedite_lot'
        and lots.release_actual_date is null
        and (lots.status = 'rejected' or lots.release_planned_date > in_force.to_week_start_date)
)

select
    'decision_contradicted' as criterion_code,
    'decision_contradicted' as key_code,
    'decision' as object_kind,
    fewer.decision_id as object_code,
    'fixed' as week_kind,
    fewer.decided_week_date as week_start_date,
    fewer.decided_week_date as last_week_start_date,
    fewer.therapy_code,
    fewer.plant_id as site_id,
    cast(null as {{ dbt.type_string() }}) as hospital_id,
    places.partner_id as owning_partner_id,
    cast(null as double) as measure,
    fewer.decided_slots - fewer.offered_slots as figure,
    fewer.decided_slots - fewer.offered_slots as patients,
    7.0 as days,
    concat(
        places.site_name, ' offers ', {{ counted_words('fewer.offered_slots', 'slot', 'slots') }}, ' in ', {{ iso_week('fewer.decided_week_date') }},
        ', not the ', {{ plain_number('fewer.decided_slots') }}, ' that were decided'
    ) as title,
    concat('Decided: ', {{ counted_words('fewer.decided_slots', 'slot', 'slots') }}) as ours_words,
    concat('Sent since: ', {{ counted_words('fewer.offered_slots', 'slot', 'slots') }}) as theirs_words,
    concat('The plan that the plant has sent since decision ', fewer.decision_id, ' says otherwise.') as reason,
    fewer.all_ids as submission_ids
from fewer
left join {{ ref('int_sites__named') }} as places on fewer.plant_id = places.site_id
union all
select
    'decision_contradicted' as criterion_code,
    'decision_contradicted' as key_code,
    'decision' as object_kind,
    late_lots.decision_id as object_code,
    'fixed' as week_kind,
    late_lots.decided_week_date as week_start_date,
    late_lots.to_week_start_date as last_week_start_date,
    late_lots.therapy_code,
    late_lots.site_id,
    cast(null as {{ dbt.type_string() }}) as hospital_id,
    places.partner_id as owning_partner_id,
    cast(null as double) as measure,
    greatest(late_lots.quantity, 1.0) as figure,
    greatest(late_lots.quantity, 1.0) as patients,
    7.0 as days,
    concat(
        'Vector lot ', late_lots.lot_id,
        case late_lots.lot_status
            when 'rejected' then ' was rejected'
            else concat(' is planned for ', cast(late_lots.release_planned_date as {{ dbt.type_string() }}))
        end,
        ', not brought forward to ', {{ iso_week('late_lots.to_week_start_date') }}, ' as decided'
    ) as title,
    concat('Decided: in ', {{ iso_week('late_lots.to_week_start_date') }}) as ours_words,
    case late_lots.lot_status
        when 'rejected' then 'Sent since: rejected'
        else concat('Sent since: ', cast(late_lots.release_planned_date as {{ dbt.type_string() }}))
    end as theirs_words,
    concat('The inventory that the supplier has sent since decision ', late_lots.decision_id, ' says otherwise.') as reason,
    late_lots.all_ids as submission_ids
from late_lots
left join {{ ref('int_sites__named') }} as places on late_lots.site_id = places.site_id
