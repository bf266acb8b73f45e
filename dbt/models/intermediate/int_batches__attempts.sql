-- Each manufacturing attempt with its milestones in a row and the decision in force on it.
with milestones as (
    select * from {{ ref('stg_batch_milestone') }} where is_current
),

orders as (
    select coi_issuer_id, coi_id, case_id, therapy_code, hospital_id from {{ ref('stg_case_order') }} where is_current
),

attempts as (
    select
        batch_id,
        attempt,
        site_id,
        min(partner_id) as plant_partner_id,
        min(coi_issuer_id) as coi_issuer_id,
        min(coi_id) as coi_id,
        min(case when milestone in ('thaw', 'activation') then planned_at end) as manufacture_planned_at,
        max(case when milestone = 'material_received' then actual_at end) as material_received_at,
        min(case when milestone in ('thaw', 'activation') then actual_at end) as manufacture_start_at,
        max(case when milestone = 'cryopreserved' then actual_at end) as cryopreserved_at,
        max(case when milestone = 'formulation' then actual_at end) as formulation_at,
        max(case when milestone = 'harvest' then actual_at end) as harvest_at,
        max(case when milestone = 'qc_complete' then actual_at end) as qc_complete_at,
        max(case when milestone = 'disposition' then planned_at end) as disposition_planned_at,
        {{ ids('submission_id') }} as submission_ids
    from milestones
    group by 1, 2, 3
),

-- A later decision supersedes an earlier one on the same attempt.
decisions as (
    select
        *,
        row_number() over (partition by batch_id, is_first_pass order by decision_no desc, as_of desc) as choice
    from {{ ref('stg_batch_disposition') }}
    where is_current
)

select
    attempts.batch_id,
    attempts.attempt,
    orders.case_id,
    attempts.coi_issuer_id,
    attempts.coi_id,
    orders.therapy_code,
    orders.hospital_id,
    attempts.site_id,
    attempts.plant_partner_id,
    attempts.manufacture_planned_at,
    attempts.material_received_at,
    attempts.manufacture_start_at,
    -- The last step of manufacture that has been reported.
    coalesce(attempts.cryopreserved_at, attempts.formulation_at, attempts.harvest_at) as manufacture_end_at,
    attempts.qc_complete_at,
    attempts.disposition_planned_at,
    decisions.decided_at as disposition_at,
    decisions.decision as disposition,
    coalesce(decisions.decision in ('released', 'released_conditionally'), false) as is_released,
    decisions.failed_tests,
    decisions.is_rework,
    decisions.is_exception_handling,
    {{ union_ids(lists=['attempts.submission_ids'], singles=['decisions.submission_id']) }} as submission_ids
from attempts
left join orders on attempts.coi_issuer_id = orders.coi_issuer_id and attempts.coi_id = orders.coi_id
left join decisions
    on attempts.batch_id = decisions.batch_id and (attempts.attempt = 1) = decisions.is_first_pass and decisions.choice = 1
