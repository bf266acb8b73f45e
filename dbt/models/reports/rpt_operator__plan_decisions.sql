-- Decisions that name a way out, and whether the plan takes them up.
select
    judged.sender_partner_id as partner_id,
    judged.decision_id,
    judged.exception_key,
    judged.decided_at,
    judged.state,
    judged.option_code,
    judged.therapy_code,
    judged.site_id,
    judged.week_start_date,
    judged.to_site_id,
    judged.to_week_start_date,
    judged.lot_id,
    coalesce(in_force.quantity, judged.quantity) as quantity,
    judged.standing,
    judged.submission_ids
from {{ ref('int_decisions__judged') }} as judged
left join {{ ref('int_decisions__in_force') }} as in_force
    on judged.standing = 'in force' and judged.decision_key = in_force.decision_key
