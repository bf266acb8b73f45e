-- Each case with the planned and actual time of every step; the present attempt's times where there were several. A case belongs to the
-- partner that ordered it first: nobody else's order, appointment, collection or outcome of the same number counts.
with first_orders as (
    select case_id, sender_partner_id, min(as_of) as first_as_of
    from {{ ref('stg_case_order') }}
    where is_own
    group by 1, 2
),

orders as (
    select
        newest.*,
        row_number() over (
            partition by newest.case_id order by first_orders.first_as_of, newest.sender_partner_id, newest.as_of desc, newest.coi_id
        ) as choice
    from {{ ref('stg_case_order') }} as newest
    inner join first_orders on newest.case_id = first_orders.case_id and newest.sender_partner_id = first_orders.sender_partner_id
    where newest.is_current
),

therapies as (
    select * from {{ ref('stg_therapy') }} where is_current
),

appointments as (
    select
        case_id,
        sender_partner_id,
        max(end_at) as apheresis_planned_at,
        {{ ids('submission_id') }} as submission_ids
    from {{ ref('stg_apheresis_schedule') }}
    where is_current and status not in ('cancelled', 'noshow', 'entered-in-error')
    group by 1, 2
),

collections as (
    select
        coi_issuer_id,
        coi_id,
        sender_partner_id,
        min(end_at) as first_apheresis_at,
        max(end_at) as apheresis_at,
        {{ ids('submission_id') }} as submission_ids
    from {{ ref('stg_collection') }}
    where is_current
    group by 1, 2, 3
),

legs as (
    select
        *,
        row_number() over (partition by case_id, leg order by pickup_open_at desc, booking_id) as choice
    from {{ ref('int_shipments__deliveries') }}
    where case_id is not null and status <> 'cancelled' and leg in ('apheresis_in', 'product_out')
),

slots as (
    select
        case_id,
        max(start_window_open_date) as start_window_open_date,
        min(site_id) as site_id,
        {{ ids('submission_id') }} as submission_ids
    from {{ ref('stg_slot_plan') }}
    where is_current and case_id is not null
    group by 1
),

attempts as (
    select
        *,
        row_number() over (partition by case_id order by attempt desc, batch_id desc) as choice
    from {{ ref('int_batches__attempts') }}
    where case_id is not null
),

all_attempts as (
    select
        case_id,
        count(*) as attempts,
        min(manufacture_start_at) as first_manufacture_start_at,
        {{ all_ids('submission_ids') }} as submission_ids
    from attempts
    group by 1
),

treatments as (
    select
        *,
        row_number() over (partition by case_id, sender_partner_id order by as_of desc, submission_id) as choice
    from {{ ref('stg_treatment_event') }}
    where is_current
),

agreements as (
    select
        *,
        row_number() over (partition by hospital_id, therapy_code order by valid_from_date desc, agreement_id) as choice
    from {{ ref('stg_agreement') }}
    where is_current and valid_from_date <= {{ planning_date() }}
)

select
    orders.case_id,
    orders.coi_issuer_id,
    orders.coi_id,
    orders.therapy_code,
    therapies.indication_code,
    orders.category,
    orders.hospital_id,
    orders.partner_id as hospital_partner_id,
    coalesce(attempts.site_id, slots.site_id, legs_in.to_site_id, agreements.site_id) as site_id,
    coalesce(legs_out.courier_partner_id, legs_in.courier_partner_id, agreements.courier_partner_id) as courier_partner_id,
    orders.referred_date,
    orders.ordered_at,
    appointments.apheresis_planned_at,
    collections.first_apheresis_at,
    collections.apheresis_at,
    legs_in.planned_delivery_at as receipt_planned_at,
    coalesce(legs_in.delivered_at, attempts.material_received_at) as receipt_at,
    coalesce(attempts.manufacture_planned_at, {{ as_timestamp('slots.start_window_open_date') }}) as manufacture_planned_at,
    all_attempts.first_manufacture_start_at,
    attempts.manufacture_start_at,
    attempts.manufacture_end_at,
    attempts.disposition_planned_at,
    attempts.disposition_at,
    attempts.disposition,
    coalesce(attempts.is_released, false) as is_released,
    coalesce(all_attempts.attempts, 0) as attempts,
    legs_out.planned_delivery_at as delivery_planned_at,
    legs_out.delivered_at as delivery_at,
    -- No feed states the planned infusion: it follows lymphodepletion, or the bed wait after delivery.
    case
        when treatments.lymphodepletion_start_date is not null
            then {{ as_timestamp(add_days('treatments.lymphodepletion_start_date', 'therapies.lymphodepletion_days')) }}
        when legs_out.planned_delivery_at is not null
            then {{ as_timestamp(add_days('cast(legs_out.planned_delivery_at as date)', var('bed_wait_days'))) }}
    end as infusion_planned_at,
    treatments.lymphodepletion_start_date as lymphodepletion_date,
    case when treatments.outcome = 'infused' then treatments.infusion_at end as infusion_at,
    treatments.outcome,
    treatments.outcome_date,
    treatments.reason_code as outcome_reason_code,
    coalesce(treatments.outcome, 'open') as case_status,
    {{ union_ids(
        lists=[
            'appointments.submission_ids', 'collections.submission_ids', 'legs_in.submission_ids', 'legs_out.submission_ids',
            'slots.submission_ids', 'all_attempts.submission_ids'
        ],
        singles=['orders.submission_id', 'therapies.submission_id', 'treatments.submission_id']
    ) }} as submission_ids
from orders
left join therapies on orders.therapy_code = therapies.therapy_code
left join appointments on orders.case_id = appointments.case_id and orders.sender_partner_id = appointments.sender_partner_id
left join collections
    on orders.coi_issuer_id = collections.coi_issuer_id
    and orders.coi_id = collections.coi_id
    and orders.sender_partner_id = collections.sender_partner_id
left join legs as legs_in on orders.case_id = legs_in.case_id and legs_in.leg = 'apheresis_in' and legs_in.choice = 1
left join legs as legs_out on orders.case_id = legs_out.case_id and legs_out.leg = 'product_out' and legs_out.choice = 1
left join slots on orders.case_id = slots.case_id
left join attempts on orders.case_id = attempts.case_id and attempts.choice = 1
left join all_attempts on orders.case_id = all_attempts.case_id
left join treatments
    on orders.case_id = treatments.case_id and orders.sender_partner_id = treatments.sender_partner_id and treatments.choice = 1
left join agreements
    on orders.hospital_id = agreements.hospital_id and orders.therapy_code = agreements.therapy_code and agreements.choice = 1
where orders.choice = 1
