-- Each booking with what custody says happened: departure, and receipt at the place it was booked to.
with bookings as (
    select * from {{ ref('stg_shipment_booking') }} where is_current
),

first_promises as (
    -- The first promise is what the courier said first; a later file cannot better it.
    select partner_id, booking_id, min_by(first_promised_delivery_at, version_rank * -1) as first_promised_delivery_at
    from {{ ref('stg_shipment_booking') }}
    group by 1, 2
),

custody as (
    select
        events.partner_id,
        events.booking_id,
        min(case when events.biz_step = 'departing' then events.occurred_at end) as departed_at,
        min(case
            when events.biz_step in ('receiving', 'accepting') and events.site_id = bookings.to_site_id then events.occurred_at
        end) as delivered_at,
        bool_and(events.is_identity_checked) as is_identity_checked,
        bool_and(events.is_condition_ok) as is_condition_ok,
        count(*) as custody_steps,
        {{ ids('events.submission_id') }} as submission_ids
    from {{ ref('stg_custody_event') }} as events
    inner join bookings on events.partner_id = bookings.partner_id and events.booking_id = bookings.booking_id
    where events.is_current
    group by 1, 2
)

select
    bookings.booking_id,
    bookings.partner_id as courier_partner_id,
    bookings.leg,
    bookings.case_id,
    bookings.lot_code,
    bookings.sscc,
    bookings.from_site_id,
    bookings.to_site_id,
    bookings.lane_id,
    bookings.container_id,
    bookings.temperature_band,
    bookings.pickup_open_at,
    bookings.pickup_close_at,
    bookings.planned_delivery_at,
    first_promises.first_promised_delivery_at,
    bookings.promised_delivery_at,
    bookings.status,
    custody.departed_at,
    custody.delivered_at,
    custody.is_identity_checked,
    custody.is_condition_ok,
    coalesce(custody.custody_steps, 0) as custody_steps,
    {{ union_ids(lists=['custody.submission_ids'], singles=['bookings.submission_id']) }} as submission_ids
from bookings
inner join first_promises on bookings.partner_id = first_promises.partner_id and bookings.booking_id = first_promises.booking_id
left join custody on bookings.partner_id = custody.partner_id and bookings.booking_id = custody.booking_id
