-- Demand in the frame of manufacturing starts: each hospital's forecast of a collection week, moved to the week of start, and the
-- shares by which the hospital's own resources are divided among the therapies and plants that ask for them.
with links as (
    select * from {{ ref('int_plan__links') }}
),

forecasts as (
    select
        hospital_id,
        therapy_code,
        week_start_date,
        round(sum(patients), 6) as patients,
        {{ ids('submission_id') }} as submission_ids
    from {{ ref('stg_demand_forecast') }}
    where is_current
    group by 1, 2, 3
),

backlog as (
    select * from {{ ref('int_plan__backlog') }}
),

demand as (
    select
        links.hospital_id,
        links.therapy_code,
        links.site_id,
        links.week_no,
        links.week_start_date,
        links.iso_week,
        links.collection_week_start_date,
        links.infusion_week_start_date,
        links.lane_id,
        links.vector_code,
        links.doses_per_batch,
        links.lead_time_days,
        coalesce(forecasts.patients, 0.0) as demand,
        coalesce(backlog.opening_backlog, 0.0) as opening_backlog,
        {{ union_ids(lists=['links.submission_ids', 'forecasts.submission_ids', 'backlog.submission_ids']) }} as submission_ids
    from links
    left join forecasts
        on links.hospital_id = forecasts.hospital_id
        and links.therapy_code = forecasts.therapy_code
        and links.collection_week_start_date = forecasts.week_start_date
    left join backlog
        on links.hospital_id = backlog.hospital_id and links.therapy_code = backlog.therapy_code and links.week_no = 0
),

totals as (
    select
        demand.*,
        round(sum(demand) over (partition by hospital_id, therapy_code, site_id), 6) as link_demand,
        round(sum(demand) over (partition by hospital_id), 6) as hospital_demand,
        round(sum(demand) over (partition by lane_id), 6) as lane_demand,
        count(*) over (partition by hospital_id, week_no) as hospital_links,
        count(*) over (partition by lane_id, week_no) as lane_links
    from demand
)

select
    hospital_id,
    therapy_code,
    site_id,
    week_no,
    week_start_date,
    iso_week,
    collection_week_start_date,
    infusion_week_start_date,
    lane_id,
    vector_code,
    doses_per_batch,
    lead_time_days,
    demand,
    opening_backlog,
    link_demand,
    round(case when hospital_demand > 0 then link_demand / hospital_demand else 1.0 / hospital_links end, 9) as hospital_share,
    round(case when lane_demand > 0 then link_demand / lane_demand else 1.0 / lane_links end, 9) as lane_share,
    submission_ids
from totals
