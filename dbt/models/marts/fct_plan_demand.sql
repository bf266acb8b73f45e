-- First in, first out: who came first starts first. Arrivals and starts of a plant are laid out as intervals of one cumulative count;
-- where an interval of arrivals matched an interval of starts, those patients start in that week. Within a week of arrival the
-- hospitals share in proportion to what they asked for.
with hospitals as (
    select * from {{ ref('int_plan__hospital_capacity') }}
),

plan as (
    select * from {{ ref('fct_aligned_plan') }}
),

arrivals as (
    select
        therapy_code,
        site_id,
        week_no,
        hospital_id,
        demand + opening_backlog as patients
    from hospitals
),

weekly as (
    select
        frame.therapy_code,
        frame.site_id,
        frame.week_no,
        frame.demand + frame.opening_backlog as arriving,
        served.served,
        sum(frame.demand + frame.opening_backlog) over week_by_week as arrived_until,
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
        least(came.arrived_until, start.served_until)
        - greatest(came.arrived_until - came.arriving, start.served_until - start.served) as patients,
        came.arriving
    from weekly as came
    inner join weekly as start
        on came.therapy_code = start.therapy_code
        and came.site_id = start.site_id
        and came.week_no <= start.week_no
        and came.arrived_until - came.arriving < start.served_until
        and start.served_until - start.served < came.arrived_until
    where came.arriving > 0 and start.served > 0
),

starts as (
    select
        arrivals.hospital_id,
        matched.therapy_code,
        matched.site_id,
        matched.week_no,
        sum(matched.patients * arrivals.patients / matched.arriving) as served
    from matched
    inner join arrivals
        on matched.therapy_code = arrivals.therapy_code
        and matched.site_id = arrivals.site_id
        and matched.arrival_week_no = arrivals.week_no
    group by 1, 2, 3, 4
),

-- A hospital whose agreement moves to another plant keeps, at the old one, the patients that wait there.
hospital_pairs as (
    select hospital_id, therapy_code, site_id, min(week_no) as first_week_no from hospitals group by 1, 2, 3
),

shared as (
    select
        pairs.hospital_id,
        pairs.therapy_code,
        pairs.site_id,
        weeks.week_no,
        weeks.week_start_date,
        weeks.iso_week,
        hospitals.collection_week_start_date,
        hospitals.chair_capacity,
        hospitals.bed_capacity,
        hospitals.courier_capacity,
        coalesce(hospitals.demand, 0.0) as demand,
        coalesce(starts.served, 0.0) as served,
        sum(coalesce(arrivals.patients, 0.0)) over week_by_week - sum(coalesce(starts.served, 0.0)) over week_by_week as waiting,
        sum(coalesce(arrivals.patients, 0.0)) over week_by_week - coalesce(hospitals.demand, 0.0)
        - (sum(coalesce(starts.served, 0.0)) over week_by_week - coalesce(starts.served, 0.0)) as backlog_in,
        hospitals.submission_ids as demand_ids
    from hospital_pairs as pairs
    inner join {{ ref('int_plan__weeks') }} as weeks on pairs.first_week_no <= weeks.week_no
    left join hospitals
        on pairs.hospital_id = hospitals.hospital_id
        and pairs.therapy_code = hospitals.therapy_code
        and pairs.site_id = hospitals.site_id
        and weeks.week_no = hospitals.week_no
    left join arrivals
        on pairs.hospital_id = arrivals.hospital_id
        and pairs.therapy_code = arrivals.therapy_code
        and pairs.site_id = arrivals.site_id
        and weeks.week_no = arrivals.week_no
    left join starts
        on pairs.hospital_id = starts.hospital_id
        and pairs.therapy_code = starts.therapy_code
        and pairs.site_id = starts.site_id
        and weeks.week_no = starts.week_no
    window week_by_week as (partition by pairs.hospital_id, pairs.therapy_code, pairs.site_id order by weeks.week_no rows unbounded preceding)
),

-- What comes after a short week: the week by which all who wait have started.
relief as (
    select
        late.therapy_code,
        late.site_id,
        late.week_no,
        min(case when later.served_until >= late.arrived_until - 0.005 then frame.iso_week end) as all_started_week
    from weekly as late
    inner join weekly as later
        on late.therapy_code = later.therapy_code and late.site_id = later.site_id and late.week_no < later.week_no
    inner join {{ ref('int_plan__frame') }} as frame
        on later.therapy_code = frame.therapy_code and later.site_id = frame.site_id and later.week_no = frame.week_no
    where late.arrived_until - late.served_until > 0.005
    group by 1, 2, 3
)

select
    shared.hospital_id,
    sites.site_name as hospital_name,
    sites.partner_id as hospital_partner_id,
    shared.therapy_code,
    shared.site_id,
    plan.plant_name,
    plan.plant_partner_id,
    shared.collection_week_start_date,
    shared.week_start_date,
    shared.iso_week,
    round(shared.demand, 6) as demand,
    greatest(round(shared.backlog_in, 6), 0.0) + 0.0 as backlog_in,
    greatest(round(shared.served, 6), 0.0) + 0.0 as served,
    greatest(round(shared.waiting, 6), 0.0) + 0.0 as waiting,
    shared.chair_capacity,
    shared.bed_capacity,
    shared.courier_capacity,
    case
        when shared.waiting <= 0.005 then null
        else concat(
            {{ plain_number('shared.served') }}, ' of ', {{ plain_number('shared.demand + shared.backlog_in') }},
            case when round(shared.served, 1) = 1 then ' patients starts; ' else ' patients start; ' end,
            case plan.binding_constraint
                when 'slot' then concat('the plant has ', {{ plain_number('plan.slots') }}, case when plan.slots = 1 then ' slot' else ' slots' end, ' this week.')
                when 'vector' then concat('the plant has vector for ', {{ plain_number('plan.vector_doses') }}, case when plan.vector_doses = 1 then ' dose' else ' doses' end, ' this week.')
                when 'courier' then concat('the couriers can carry ', {{ plain_number('plan.courier_capacity') }}, ' to the plant this week.')
                when 'chair' then concat('the hospitals have apheresis chairs for ', {{ plain_number('plan.chair_capacity') }}, ' this week.')
                when 'bed' then concat('the hospitals have beds for ', {{ plain_number('plan.bed_capacity') }}, ' in the week of infusion.')
                else 'those who came first start first.'
            end,
            case
                when relief.all_started_week is not null then concat(' Those who wait start by ', relief.all_started_week, '.')
                else ' Some of them wait beyond this plan.'
            end
        )
    end as reason,
    {{ union_ids(lists=['shared.demand_ids', 'plan.submission_ids']) }} as submission_ids
from shared
inner join plan
    on shared.therapy_code = plan.therapy_code and shared.site_id = plan.site_id and shared.week_start_date = plan.week_start_date
left join {{ ref('int_sites__named') }} as sites on shared.hospital_id = sites.site_id
left join relief
    on shared.therapy_code = relief.therapy_code and shared.site_id = relief.site_id and shared.week_no = relief.week_no
