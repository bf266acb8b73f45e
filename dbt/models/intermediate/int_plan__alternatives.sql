-- Where else the patients of a short week could start: other plants qualified for the therapy that have slots, vector and material left over
-- in that week or the next ones. An option for people to agree on; the plan moves nobody by itself.
with plan as (
    select
        frame.*,
        served.served,
        served.waiting,
        least(frame.slots, served.vector_starts, coalesce(served.material_starts, frame.slots)) - served.served as unused_starts
    from {{ ref('int_plan__frame') }} as frame
    inner join {{ ref('int_plan__served') }} as served
        on frame.therapy_code = served.therapy_code and frame.site_id = served.site_id and frame.week_no = served.week_no
),

qualified as (
    select site_id, therapy_code, qualified_from_date, qualified_to_date, submission_id
    from {{ ref('stg_site_qualification') }}
    where is_current
),

lanes as (
    select * from {{ ref('stg_lane') }} where is_current
),

sites as (
    select * from {{ ref('int_sites__named') }}
),

-- What the hospitals of a plant would need to another plant: the slowest of their fastest lanes, and whether everyone has one.
fastest as (
    select
        links.therapy_code,
        links.site_id,
        links.hospital_id,
        lanes.to_site_id as other_site_id,
        min(cast(ceil((lanes.transit_hours_p90 + lanes.customs_hours) / 24.0) as integer)) + {{ var('receipt_days') }} as lead_time_days
    from (select distinct therapy_code, site_id, hospital_id from {{ ref('int_plan__links') }}) as links
    inner join lanes on links.hospital_id = lanes.from_site_id and links.site_id <> lanes.to_site_id
    group by 1, 2, 3, 4
),

routes as (
    select
        therapy_code,
        site_id,
        other_site_id,
        count(*) as hospitals_with_lane,
        max(lead_time_days) as lead_time_days
    from fastest
    group by 1, 2, 3
),

hospitals as (
    select therapy_code, site_id, count(distinct hospital_id) as hospitals
    from {{ ref('int_plan__links') }}
    group by 1, 2
)

select
    short.therapy_code,
    short.site_id,
    short.week_no,
    short.week_start_date,
    short.iso_week,
    short.waiting,
    other.site_id as other_site_id,
    other_sites.site_name as other_plant_name,
    other.week_no as other_week_no,
    other.week_start_date as other_week_start_date,
    other.iso_week as other_iso_week,
    round(least(short.waiting, other.unused_starts), 6) as patients_possible,
    routes.lead_time_days,
    coalesce(hospitals.hospitals, 0) as hospitals,
    coalesce(routes.hospitals_with_lane, 0) as hospitals_with_lane,
    -- Who has to agree: the hospitals whose patients move, both plants, and the operator for the whole.
    concat(
        'the hospitals whose patients move, ', coalesce(short_sites.site_name, short.site_id), ', ', coalesce(other_sites.site_name, other.site_id),
        case
            when coalesce(routes.hospitals_with_lane, 0) < coalesce(hospitals.hospitals, 0) then ', a courier for the lanes that are missing'
            else ''
        end,
        ' and the operator'
    ) as agreed_by,
    {{ union_ids(lists=['short.submission_ids', 'other.submission_ids'], singles=['qualified.submission_id']) }} as submission_ids
from plan as short
inner join plan as other
    on short.therapy_code = other.therapy_code
    and short.site_id <> other.site_id
    and other.week_no between short.week_no and short.week_no + {{ var('alternative_weeks') }}
inner join qualified
    on other.site_id = qualified.site_id
    and other.therapy_code = qualified.therapy_code
    and other.week_start_date >= qualified.qualified_from_date
    and (qualified.qualified_to_date is null or other.week_start_date <= qualified.qualified_to_date)
left join routes on short.therapy_code = routes.therapy_code and short.site_id = routes.site_id and other.site_id = routes.other_site_id
left join hospitals on short.therapy_code = hospitals.therapy_code and short.site_id = hospitals.site_id
left join sites as short_sites on short.site_id = short_sites.site_id
left join sites as other_sites on other.site_id = other_sites.site_id
where short.waiting > 0.005 and other.unused_starts > 0.005
