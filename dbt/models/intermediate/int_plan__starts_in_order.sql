-- First in, first out: who came first starts first. Arrivals and starts of a plant are laid out as intervals of one cumulative count;
-- where an interval of arrivals matches an interval of starts, those patients start in that week. Within a week of arrival the hospitals
-- share in proportion to those who came. Who comes again after a failed first pass belongs to the hospitals whose patients started then.
with hospitals as (
    select * from {{ ref('int_plan__hospital_weeks') }} where allocation_rule = 'fifo'
),

weekly as (
    select
        frame.therapy_code,
        frame.site_id,
        frame.week_no,
        frame.remake_lag_weeks,
        frame.failure_pct,
        served.remake,
        served.served,
        frame.demand + frame.opening_backlog + served.remake as arriving,
        sum(frame.demand + frame.opening_backlog + served.remake) over week_by_week as arrived_until,
        sum(served.served) over week_by_week as served_until
    from {{ ref('int_plan__frame') }} as frame
    inner join {{ ref('int_plan__served') }} as served
        on frame.therapy_code = served.therapy_code and frame.site_id = served.site_id and frame.week_no = served.week_no
    window week_by_week as (partition by frame.therapy_code, frame.site_id order by frame.week_no rows unbounded preceding)
),

matched as (
    select
        came.therapy_code,
        came.site_id,
        came.week_no as arrival_week_no,
        start.week_no,
        (
            least(came.arrived_until, start.served_until)
            - greatest(came.arrived_until - came.arriving, start.served_until - start.served)
        ) / came.arriving as part
    from weekly as came
    inner join weekly as start
        on came.therapy_code = start.therapy_code
        and came.site_id = start.site_id
        and came.week_no <= start.week_no
        and came.arrived_until - came.arriving < start.served_until
        and start.served_until - start.served < came.arrived_until
    where came.arriving > 0 and start.served > 0
),

first_passes as (
    select
        hospitals.hospital_id,
        hospitals.therapy_code,
        hospitals.site_id,
        matched.week_no,
        {{ total('matched.part * (hospitals.demand + hospitals.opening_backlog)') }} as starts
    from matched
    inner join hospitals
        on matched.therapy_code = hospitals.therapy_code
        and matched.site_id = hospitals.site_id
        and matched.arrival_week_no = hospitals.week_no
    where hospitals.demand + hospitals.opening_backlog > 0
    group by 1, 2, 3, 4
),

failed as (
    select
        hospitals.*,
        weekly.remake as plant_remake,
        case
            when weekly.week_no < weekly.remake_lag_weeks then hospitals.prior_starts
            else coalesce(first_passes.starts, 0.0)
        end as starts_then
    from hospitals
    inner join weekly
        on hospitals.therapy_code = weekly.therapy_code and hospitals.site_id = weekly.site_id and hospitals.week_no = weekly.week_no
    left join first_passes
        on hospitals.hospital_id = first_passes.hospital_id
        and hospitals.therapy_code = first_passes.therapy_code
        and hospitals.site_id = first_passes.site_id
        and hospitals.week_no - weekly.remake_lag_weeks = first_passes.week_no
),

arrivals as (
    select
        failed.*,
        plant_remake * coalesce(
            starts_then / nullif({{ total('starts_then', over='plant_week') }}, 0.0), forecast_share / {{ total('forecast_share', over='plant_week') }}
        ) as remake
    from failed
    window plant_week as (partition by therapy_code, site_id, week_no)
),

starts as (
    select
        arrivals.hospital_id,
        matched.therapy_code,
        matched.site_id,
        matched.week_no,
        {{ total('matched.part * (arrivals.demand + arrivals.opening_backlog + arrivals.remake)') }} as served
    from matched
    inner join arrivals
        on matched.therapy_code = arrivals.therapy_code
        and matched.site_id = arrivals.site_id
        and matched.arrival_week_no = arrivals.week_no
    group by 1, 2, 3, 4
)

select
    arrivals.hospital_id,
    arrivals.therapy_code,
    arrivals.site_id,
    arrivals.week_no,
    arrivals.remake,
    coalesce(starts.served, 0.0) as served
from arrivals
left join starts
    on arrivals.hospital_id = starts.hospital_id
    and arrivals.therapy_code = starts.therapy_code
    and arrivals.site_id = starts.site_id
    and arrivals.week_no = starts.week_no
