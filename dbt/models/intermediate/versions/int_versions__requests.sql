-- Starts that the hospitals' forecasts asked a plant for, as each version had them.
with asked as (
    select * from {{ ref('int_versions__asked') }}
),

in_force as (
    select * from {{ ref('int_versions__in_force') }}
    where cut_date in (select version_date from asked)
)

select
    asked.site_id,
    asked.therapy_code,
    links.week_start_date,
    asked.version_date,
    asked.cycle_week,
    round(sum(forecasts.patients), 6) as requested_starts,
    max(in_force.stated_at) as stated_at,
    {{ ids('forecasts.submission_id') }} as submission_ids
from asked
inner join {{ ref('int_versions__links') }} as links on asked.site_id = links.site_id and asked.therapy_code = links.therapy_code
inner join in_force
    on links.hospital_id = in_force.hospital_id
    and links.collection_week_start_date = in_force.week_start_date
    and asked.version_date = in_force.cut_date
inner join {{ ref('int_versions__forecasts') }} as forecasts
    on in_force.sender_partner_id = forecasts.sender_partner_id
    and in_force.version_id = forecasts.version_id
    and in_force.hospital_id = forecasts.hospital_id
    and in_force.week_start_date = forecasts.week_start_date
    and asked.therapy_code = forecasts.therapy_code
where links.week_start_date >= asked.cycle_week
group by 1, 2, 3, 4, 5
