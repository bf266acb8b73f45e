-- The plan of the step that comes next, where the case is open. A batch that failed has no next step until a new start is planned.
with steps as (
    select
        *,
        case
            when case_status <> 'open' or (disposition is not null and not is_released) then null
            when delivery_at is not null then infusion_planned_at
            when is_released then delivery_planned_at
            when manufacture_start_at is not null then disposition_planned_at
            when receipt_at is not null then manufacture_planned_at
            when apheresis_at is not null then receipt_planned_at
            else apheresis_planned_at
        end as next_planned_at
    from {{ ref('int_cases__steps') }}
)

select
    steps.case_id,
    steps.coi_id,
    steps.therapy_code,
    steps.indication_code,
    steps.category,
    steps.hospital_id,
    hospitals.site_name as hospital_name,
    coalesce(hospitals.partner_id, steps.hospital_partner_id) as hospital_partner_id,
    steps.site_id,
    plants.site_name as plant_name,
    plants.partner_id as plant_partner_id,
    steps.courier_partner_id,
    hospitals.region,
    steps.referred_date,
    steps.ordered_at,
    steps.apheresis_planned_at,
    steps.first_apheresis_at,
    steps.apheresis_at,
    steps.receipt_planned_at,
    steps.receipt_at,
    steps.manufacture_planned_at,
    steps.manufacture_start_at,
    steps.manufacture_end_at,
    steps.disposition_planned_at,
    steps.disposition_at,
    steps.disposition,
    steps.attempts,
    steps.delivery_planned_at,
    steps.delivery_at,
    steps.infusion_planned_at,
    steps.lymphodepletion_date,
    steps.infusion_at,
    steps.outcome,
    steps.outcome_date,
    steps.outcome_reason_code,
    steps.case_status,
    case
        when steps.case_status = 'infused' then 'infused'
        when steps.case_status = 'not_infused' then 'not infused'
        when steps.delivery_at is not null then 'delivered'
        when steps.is_released then 'released'
        when steps.disposition is not null then 'failed release'
        when steps.manufacture_end_at is not null then 'in quality control'
        when steps.manufacture_start_at is not null then 'in manufacture'
        when steps.receipt_at is not null then 'received at plant'
        when steps.apheresis_at is not null then 'collected'
        when steps.apheresis_planned_at is not null then 'apheresis booked'
        else 'ordered'
    end as current_step,
    {{ days_between('steps.apheresis_at', 'steps.infusion_at') }} as vein_to_vein_days,
    case when steps.is_released then {{ days_between('steps.first_apheresis_at', 'steps.disposition_at') }} end as turnaround_days,
    {{ days_between('steps.apheresis_at', 'steps.delivery_at') }} as vein_to_door_days,
    {{ days_between('steps.ordered_at', 'steps.infusion_at') }} as order_to_infusion_days,
    case when steps.case_status = 'open' then {{ days_between('steps.ordered_at', knowledge_ends_at()) }} end as days_open,
    {{ is_overdue('cast(steps.next_planned_at as date)') }} as is_overdue,
    {{ overdue_days('cast(steps.next_planned_at as date)') }} as overdue_days,
    {{ union_ids(lists=['steps.submission_ids'], singles=['hospitals.submission_id', 'plants.submission_id']) }} as submission_ids
from steps
left join {{ ref('int_sites__named') }} as hospitals on steps.hospital_id = hospitals.site_id
left join {{ ref('int_sites__named') }} as plants on steps.site_id = plants.site_id
