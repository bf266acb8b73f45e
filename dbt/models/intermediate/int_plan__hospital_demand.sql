-- Demand in the frame of manufacturing starts: each hospital's bookings in their week of start, and what they leave of its forecast, moved
-- from the week of collection; and the shares by which the hospital's own resources are divided among the therapies and plants that ask.
with links as (
    select * from {{ ref('int_plan__links') }}
),

arriving as (
    select
        arrivals.hospital_id,
        arrivals.therapy_code,
        arrivals.site_id,
        arrivals.arrival_week_no as week_no,
        {{ total('netting.forecast_net') }} as forecast_net,
        {{ total('netting.forecast_gross') }} as forecast_gross,
        {{ total('netting.forecast_latest') }} as forecast_latest,
        {{ all_ids('netting.submission_ids') }} as submission_ids,
        {{ all_ids('arrivals.submission_ids') }} as lane_ids
    from {{ ref('int_plan__arrivals') }} as arrivals
    left join {{ ref('int_plan__netting') }} as netting
        on arrivals.hospital_id = netting.hospital_id
        and arrivals.therapy_code = netting.therapy_code
        and arrivals.collection_week_start_date = netting.collection_week_start_date
    group by 1, 2, 3, 4
),

bookings as (
    select
        hospital_id,
        therapy_code,
        week_no,
        cast(count(*) as double) as bookings,
        {{ all_ids('submission_ids') }} as submission_ids
    from {{ ref('int_plan__bookings') }}
    where week_no is not null
    group by 1, 2, 3
),

demand as (
    select
        links.*,
        coalesce(arriving.forecast_gross, 0.0) as forecast_gross,
        coalesce(arriving.forecast_latest, 0.0) as forecast_latest,
        coalesce(arriving.forecast_net, 0.0) as forecast_net,
        coalesce(bookings.bookings, 0.0) as bookings,
        round(coalesce(bookings.bookings, 0.0) + coalesce(arriving.forecast_net, 0.0), 6) as demand,
        coalesce(backlog.opening_backlog, 0.0) as opening_backlog,
        coalesce(under_way.prior_starts, 0.0) as prior_starts,
        {{ union_ids(lists=[
            'links.submission_ids', 'arriving.submission_ids', 'arriving.lane_ids', 'bookings.submission_ids', 'backlog.submission_ids',
            'under_way.submission_ids'
        ]) }} as demand_ids
    from links
    left join arriving
        on links.hospital_id = arriving.hospital_id
        and links.therapy_code = arriving.therapy_code
        and links.site_id = arriving.site_id
        and links.week_no = arriving.week_no
    left join bookings
        on links.hospital_id = bookings.hospital_id and links.therapy_code = bookings.therapy_code and links.week_no = bookings.week_no
    left join {{ ref('int_plan__backlog') }} as backlog
        on links.hospital_id = backlog.hospital_id and links.therapy_code = backlog.therapy_code and links.week_no = 0
    left join {{ ref('int_plan__under_way') }} as under_way
        on links.hospital_id = under_way.hospital_id
        and links.therapy_code = under_way.therapy_code
        and links.site_id = under_way.site_id
        and links.week_no = under_way.week_no
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
    return_week_start_date,
    courier_partner_id,
    lane_id,
    transit_hours,
    vector_code,
    doses_per_batch,
    lead_time_days,
    is_frozen,
    allocation_rule,
    quota_pct,
    coalesce(load_factor, 1.0) as load_factor,
    forecast_gross,
    forecast_latest,
    forecast_net,
    bookings,
    demand,
    opening_backlog,
    prior_starts,
    link_demand,
    round(case when hospital_demand > 0 then link_demand / hospital_demand else 1.0 / hospital_links end, 9) as hospital_share,
    round(case when lane_demand > 0 then link_demand / lane_demand else 1.0 / lane_links end, 9) as lane_share,
    demand_ids as submission_ids
from totals
