-- The newest forecast of a coming week beside the one it replaced, in the frame of collection and of start. Only weeks of which both speak.
with coverage as (
    select * from {{ ref('int_versions__coverage') }}
    where version_rank <= 2 and week_start_date >= {{ planning_week() }}
),

both_speak as (
    select
        sender_partner_id,
        hospital_id,
        week_start_date,
        max(case when version_rank = 1 then version_id end) as latest_version_id,
        max(case when version_rank = 2 then version_id end) as previous_version_id,
        max(case when version_rank = 1 then stated_date end) as latest_date,
        max(case when version_rank = 2 then stated_date end) as previous_date
    from coverage
    group by 1, 2, 3
    having count(*) = 2
),

said as (
    select
        both_speak.hospital_id,
        forecasts.therapy_code,
        both_speak.week_start_date,
        round(sum(case when forecasts.version_id = both_speak.latest_version_id then forecasts.patients else 0.0 end), 6) as latest,
        round(sum(case when forecasts.version_id = both_speak.previous_version_id then forecasts.patients else 0.0 end), 6) as previous,
        max(both_speak.latest_date) as latest_date,
        max(both_speak.previous_date) as previous_date,
        {{ ids('forecasts.submission_id') }} as submission_ids
    from both_speak
    inner join {{ ref('int_versions__forecasts') }} as forecasts
        on both_speak.sender_partner_id = forecasts.sender_partner_id
        and both_speak.hospital_id = forecasts.hospital_id
        and both_speak.week_start_date = forecasts.week_start_date
        and forecasts.version_id in (both_speak.latest_version_id, both_speak.previous_version_id)
    group by 1, 2, 3
)

select
    said.*,
    links.site_id,
    links.week_start_date as start_week_start_date
from said
left join {{ ref('int_versions__links') }} as links
    on said.hospital_id = links.hospital_id
    and said.therapy_code = links.therapy_code
    and said.week_start_date = links.collection_week_start_date
