-- How past deliveries kept their promise, by lane as the courier's own history names it. Only the promised and the delivered day are
-- known, so this is lateness, not transit time.
with deliveries as (
    select
        partner_id,
        origin_name,
        coalesce(destination_name, country_name) as destination_name,
        country_name,
        coalesce(mode, 'not stated') as mode,
        promised_date,
        delivered_date,
        {{ date_days('promised_date', 'delivered_date') }} as late_days,
        submission_id
    from {{ ref('stg_delivery_history') }}
    where is_current
),

counted as (
    select
        partner_id,
        origin_name,
        destination_name,
        country_name,
        mode,
        cast(count(*) as bigint) as deliveries,
        cast(sum(case when late_days <= 0 then 1 else 0 end) as bigint) as on_time,
        round({{ quantile('late_days', 0.5) }}, 6) as late_days_p50,
        round({{ quantile('late_days', 0.9) }}, 6) as late_days_p90,
        min(delivered_date) as first_delivered_date,
        max(delivered_date) as last_delivered_date,
        {{ ids('submission_id') }} as submission_ids
    from deliveries
    group by 1, 2, 3, 4, 5
)

select
    partner_id,
    origin_name,
    destination_name,
    country_name,
    mode,
    deliveries,
    on_time,
    round(100.0 * on_time / deliveries, 6) as on_time_pct,
    {{ wilson('cast(on_time as double)', 'cast(deliveries as double)', '-') }} as on_time_lower_pct,
    {{ wilson('cast(on_time as double)', 'cast(deliveries as double)', '+') }} as on_time_upper_pct,
    late_days_p50,
    late_days_p90,
    first_delivered_date,
    last_delivered_date,
    submission_ids
from counted
