-- What the loggers saw on the way, and how much of the container's hold time was left at delivery.
with deliveries as (
    select * from {{ ref('int_shipments__deliveries') }} where container_id is not null and status <> 'cancelled'
),

bands as (
    select * from {{ ref('temperature_bands') }}
),

readings as (
    select partner_id, container_id, read_at, min(celsius) as coldest, max(celsius) as warmest, min(submission_id) as submission_id
    from {{ ref('stg_temperature_reading') }}
    where is_current
    group by 1, 2, 3
),

spaced as (
    select
        readings.*,
        -- A reading stands until the next one, and never for more than half an hour: a longer gap is silence, not heat.
        least(
            60 * {{ hours_between('read_at', 'lead(read_at) over (partition by partner_id, container_id order by read_at)') }}, 30.0
        ) as minutes
    from readings
),

on_the_way as (
    select
        deliveries.courier_partner_id,
        deliveries.booking_id,
        round(sum(case
            when spaced.warmest > bands.maximum_celsius or spaced.coldest < bands.minimum_celsius then coalesce(spaced.minutes, 15.0) else 0.0
        end), 3) as minutes_outside_band,
        count(*) as readings,
        {{ ids('spaced.submission_id') }} as submission_ids
    from deliveries
    inner join bands on deliveries.temperature_band = bands.temperature_band
    inner join spaced
        on deliveries.container_id = spaced.container_id
        and deliveries.courier_partner_id = spaced.partner_id
        and spaced.read_at >= coalesce(deliveries.departed_at, deliveries.pickup_open_at)
        and spaced.read_at < coalesce(deliveries.delivered_at, deliveries.promised_delivery_at)
    group by 1, 2
),

charges as (
    select partner_id, container_id, charged_at, max(qualified_hold_hours) as qualified_hold_hours, min(submission_id) as submission_id
    from {{ ref('stg_container') }}
    where charged_at is not null
    group by 1, 2, 3
),

charged as (
    select
        deliveries.courier_partner_id,
        deliveries.booking_id,
        round(charges.qualified_hold_hours - {{ hours_between('charges.charged_at', 'deliveries.delivered_at') }}, 3) as hold_margin_hours,
        charges.submission_id,
        row_number() over (
            partition by deliveries.courier_partner_id, deliveries.booking_id order by charges.charged_at desc, charges.submission_id
        ) as choice
    from deliveries
    inner join charges
        on deliveries.container_id = charges.container_id
        and deliveries.courier_partner_id = charges.partner_id
        and charges.charged_at <= deliveries.pickup_close_at
        -- A charge of an earlier journey says nothing about this one.
        and {{ hours_between('charges.charged_at', 'deliveries.pickup_close_at') }} <= 240
    where deliveries.delivered_at is not null
)

select
    deliveries.courier_partner_id,
    deliveries.booking_id,
    on_the_way.minutes_outside_band,
    coalesce(on_the_way.readings, 0) as readings,
    charged.hold_margin_hours,
    {{ union_ids(lists=['on_the_way.submission_ids'], singles=['charged.submission_id']) }} as submission_ids
from deliveries
left join on_the_way on deliveries.courier_partner_id = on_the_way.courier_partner_id and deliveries.booking_id = on_the_way.booking_id
left join charged
    on deliveries.courier_partner_id = charged.courier_partner_id and deliveries.booking_id = charged.booking_id and charged.choice = 1
