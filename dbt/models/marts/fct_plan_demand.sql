-- Each hospital's part of the plan, by the rule of its agreement, and in words why not everybody starts.
with plan as (
    select * from {{ ref('fct_aligned_plan') }}
),

hospitals as (
    select * from {{ ref('int_plan__hospital_capacity') }}
),

starts as (
    select * from {{ ref('int_plan__starts_in_order') }}
    union all
    select * from {{ ref('int_plan__starts_by_share') }}
),

weeks as (
    select
        grid.hospital_id,
        grid.therapy_code,
        grid.site_id,
        grid.week_no,
        grid.week_start_date,
        grid.iso_week,
        grid.allocation_rule,
        grid.demand,
        coalesce(starts.remake, 0.0) as remake,
        coalesce(starts.served, 0.0) as served,
        sum(grid.demand + grid.opening_backlog + coalesce(starts.remake, 0.0)) over week_by_week as arrived_until,
        sum(coalesce(starts.served, 0.0)) over week_by_week as served_until
    from {{ ref('int_plan__hospital_weeks') }} as grid
    left join starts
        on grid.hospital_id = starts.hospital_id
        and grid.therapy_code = starts.therapy_code
        and grid.site_id = starts.site_id
        and grid.week_no = starts.week_no
    window week_by_week as (partition by grid.hospital_id, grid.therapy_code, grid.site_id order by grid.week_no rows unbounded preceding)
),

-- What comes after a short week: the first one by which as many have started as had come until then. Both counts only grow, so it is
-- found by merging them in one order instead of comparing every week with every other.
counts as (
    select hospital_id, therapy_code, site_id, arrived_until as patients, 1 as is_arrival, week_no, iso_week
    from weeks
    where arrived_until - served_until > 0.005
    union all
    select hospital_id, therapy_code, site_id, served_until + 0.005 as patients, 0 as is_arrival, week_no, iso_week
    from weeks
),

relief as (
    select
        hospital_id,
        therapy_code,
        site_id,
        week_no,
        is_arrival,
        min(case when is_arrival = 0 then iso_week end) over (
            partition by hospital_id, therapy_code, site_id order by patients, is_arrival desc rows between current row and unbounded following
        ) as all_started_week
    from counts
),

worded as (
    select
        weeks.*,
        relief.all_started_week,
        arrived_until - served_until as waiting,
        arrived_until - served_until + served - demand - remake as backlog_in
    from weeks
    left join relief
        on weeks.hospital_id = relief.hospital_id
        and weeks.therapy_code = relief.therapy_code
        and weeks.site_id = relief.site_id
        and weeks.week_no = relief.week_no
        and relief.is_arrival = 1
)

select
    worded.hospital_id,
    sites.site_name as hospital_name,
    sites.partner_id as hospital_partner_id,
    worded.therapy_code,
    worded.site_id,
    plan.plant_name,
    plan.plant_partner_id,
    hospitals.collection_week_start_date,
    worded.week_start_date,
    worded.iso_week,
    coalesce(hospitals.forecast_gross, 0.0) as forecast_gross,
    coalesce(hospitals.forecast_latest, 0.0) as forecast_latest,
    coalesce(hospitals.forecast_net, 0.0) as forecast_net,
    coalesce(hospitals.bookings, 0.0) as bookings,
    coalesce(hospitals.is_frozen, false) as is_frozen,
    round(worded.demand, 6) as demand,
    round(worded.remake, 6) as remake,
    greatest(round(worded.backlog_in, 6), 0.0) + 0.0 as backlog_in,
    greatest(round(worded.served, 6), 0.0) + 0.0 as served,
    greatest(round(worded.waiting, 6), 0.0) + 0.0 as waiting,
    worded.allocation_rule,
    coalesce(hospitals.load_factor, 1.0) as load_factor,
    hospitals.chair_capacity,
    hospitals.bed_capacity,
    hospitals.courier_capacity,
    hospitals.container_capacity,
    case
        when worded.waiting <= 0.005 then null
        else concat(
            {{ plain_number('worded.served') }}, ' of ', {{ plain_number('worded.demand + worded.remake + worded.backlog_in') }},
            case when round(worded.served, 1) = 1 then ' patients starts; ' else ' patients start; ' end,
            case plan.binding_constraint
                when 'slot' then concat('the plant has ', {{ plain_number('plan.slots') }}, case when plan.slots = 1 then ' slot' else ' slots' end, ' this week.')
                when 'vector' then concat('the plant has vector for ', {{ plain_number('plan.vector_doses') }}, case when plan.vector_doses = 1 then ' dose' else ' doses' end, ' this week.')
                when 'courier' then concat('the couriers can carry ', {{ plain_number('plan.courier_capacity') }}, ' to the plant this week.')
                when 'chair' then concat('the hospitals have apheresis chairs for ', {{ plain_number('plan.chair_capacity') }}, ' this week.')
                when 'bed' then concat('the hospitals have beds for ', {{ plain_number('plan.bed_capacity') }}, ' in the week of infusion.')
                when 'container' then concat('the couriers have containers for ', {{ plain_number('plan.container_capacity') }}, ' this week.')
                when 'material' then concat('the plant has ', plan.material_code, ' for ', {{ plain_number('plan.material_starts') }}, ' this week.')
                else {{ waiting_rule('worded.allocation_rule') }}
            end,
            case
                when worded.all_started_week is not null then concat(' Those who wait start by ', worded.all_started_week, '.')
                else ' Some of them wait beyond this plan.'
            end
        )
    end as reason,
    {{ union_ids(lists=['hospitals.submission_ids', 'hospitals.capacity_submission_ids', 'plan.submission_ids']) }} as submission_ids
from worded
inner join plan
    on worded.therapy_code = plan.therapy_code and worded.site_id = plan.site_id and worded.week_start_date = plan.week_start_date
left join hospitals
    on worded.hospital_id = hospitals.hospital_id
    and worded.therapy_code = hospitals.therapy_code
    and worded.site_id = hospitals.site_id
    and worded.week_no = hospitals.week_no
left join {{ ref('int_sites__named') }} as sites on worded.hospital_id = sites.site_id
