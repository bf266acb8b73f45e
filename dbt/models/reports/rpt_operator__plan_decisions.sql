-- Decisions that name a way out, and whether the plan takes them up.
select
    sender_partner_id as partner_id,
    decision_id,
    exception_key,
    decided_at,
    state,
    option_code,
    therapy_code,
    site_id,
    week_start_date,
    to_site_id,
    to_week_start_date,
    lot_id,
    quantity,
    standing,
    submission_ids
from {{ ref('int_decisions__judged') }}
