with deliveries as (
    select * from {{ ref('int_shipments__deliveries') }}
),

conditions as (
    select * from {{ ref('int_shipments__conditions') }}
),

dated as (
    select
        deliveries.*,
        places_from.site_name as from_site_name,
        places_to.site_name as to_site_name,
        case
            when deliveries.delivered_at is null and deliveries.status not in ('delivered', 'cancelled')
                then {{ local_date('coalesce(deliveries.planned_delivery_at, deliveries.promised_delivery_at)', 'places_to.time_zone') }}
        end as awaited_date,
        {{ local_date('deliveries.delivered_at', 'places_to.time_zone') }} as delivered_date,
        {{ local_date('deliveries.first_promised_delivery_at', 'places_to.time_zone') }} as first_promised_date,
        {{ local_date('deliveries.promised_delivery_at', 'places_to.time_zone') }} as promised_date
    from deliveries
    left join {{ ref('int_sites__named') }} as places_from on deliveries.from_site_id = places_from.site_id
    left join {{ ref('int_sites__named') }} as places_to on deliveries.to_site_id = places_to.site_id
)

select
    dated.booking_id,
    dated.courier_partner_id,
    dated.leg,
    dated.case_id,
    dated.lot_code,
    dated.sscc,
    dated.from_site_id,
    dated.from_site_name,
    dated.to_site_id,
    dated.to_site_name,
    dated.lane_id,
    dated.container_id,
    dated.temperature_band,
    dated.status,
    dated.pickup_open_at,
    dated.departed_at,
    dated.planned_delivery_at,
    dated.first_promised_delivery_at,
    dated.promised_delivery_at,
    dated.delivered_at,
    dated.first_promised_date,
    dated.promised_date,
    -- On or before the promised date, on the calendar of the place of delivery; overdue and not there is not on time; null while not due.
    case
        when dated.status = 'cancelled' then null
        when dated.delivered_at is not null then dated.delivered_date <= dated.first_promised_date
        when dated.first_promised_date < {{ planning_date() }} then false
    end as is_on_time_first_promise,
    case
        when dated.status = 'cancelled' then null
        when dated.delivered_at is not null then dated.delivered_date <= dated.promised_date
        when dated.promised_date < {{ planning_date() }} then false
    end as is_on_time_last_promise,
    {{ is_overdue('dated.awaited_date') }} as is_overdue,
    {{ overdue_days('dated.awaited_date') }} as overdue_days,
    conditions.minutes_outside_band,
    conditions.readings,
    conditions.hold_margin_hours,
    dated.is_identity_checked,
    dated.is_condition_ok,
    dated.custody_steps,
    {{ union_ids(lists=['dated.submission_ids', 'conditions.submission_ids']) }} as submission_ids
from dated
left join conditions on dated.courier_partner_id = conditions.courier_partner_id and dated.booking_id = conditions.booking_id
