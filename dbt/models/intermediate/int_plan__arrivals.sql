-- The week of start in which the collections of a week arrive at the plant: that of the lead time, or a later one where holidays of the
-- lane fall between collection and start. Nobody arrives beyond the last week that the agreement covers.
with links as (
    select * from {{ ref('int_plan__links') }}
),

collections as (
    select
        links.*,
        {{ add_days('collection_week_start_date', var('collection_day_of_week')) }} as collection_date,
        max(week_no) over (partition by hospital_id, therapy_code, site_id) as last_week_no
    from links
),

held_up as (
    select
        collections.hospital_id,
        collections.therapy_code,
        collections.week_no,
        count(*) as holidays,
        {{ all_ids('lane_days.submission_ids') }} as submission_ids
    from collections
    inner join {{ ref('int_plan__lane_days') }} as lane_days
        on collections.lane_id = lane_days.lane_id
        and lane_days.is_holiday = 1
        and lane_days.day > collections.collection_date
        and lane_days.day <= {{ add_days('collections.collection_date', 'collections.lead_time_days') }}
    group by 1, 2, 3
)

select
    collections.hospital_id,
    collections.therapy_code,
    collections.site_id,
    collections.collection_week_start_date,
    collections.week_no,
    coalesce(held_up.holidays, 0) as holidays,
    cast(least(
        collections.last_week_no,
        collections.week_no
        + floor((collections.lead_time_days + {{ var('collection_day_of_week') }} + coalesce(held_up.holidays, 0)) / 7.0)
        - floor((collections.lead_time_days + {{ var('collection_day_of_week') }}) / 7.0)
    ) as integer) as arrival_week_no,
    collections.is_frozen,
    collections.frozen_date,
    collections.netting_early_weeks,
    collections.netting_late_weeks,
    {{ union_ids(lists=['held_up.submission_ids']) }} as submission_ids
from collections
left join held_up
    on collections.hospital_id = held_up.hospital_id
    and collections.therapy_code = held_up.therapy_code
    and collections.week_no = held_up.week_no
