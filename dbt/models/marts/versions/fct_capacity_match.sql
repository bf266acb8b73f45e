-- Catena-X CX-0128: demand against capacity per capacity group and calendar week, in that standard's words and its eight scenarios.
-- Inactive demand series and inactive groups are left out; the agreed capacity stands beside and decides nothing.
with demand as (
    select
        site_id,
        therapy_code,
        week_start_date,
        sum(demand) as demand,
        sum(demand * load_factor) as load,
        cast(count(*) as bigint) as demand_series,
        {{ all_ids('submission_ids') }} as submission_ids
    from {{ ref('int_versions__demand_series') }}
    where not is_inactive
    group by 1, 2, 3
),

capacity as (
    select * from {{ ref('int_versions__capacity_groups') }} where not is_inactive
),

compared as (
    select
        capacity.*,
        round(coalesce(demand.demand, 0.0), 6) as demand,
        -- The shift enters the comparison; the demand stays what the hospitals asked for. No factor is rounded; the ninth place of their sum
        -- depends on the order of summing and on nothing else.
        round(coalesce(demand.load, 0.0) + capacity.load_shift, 9) as load,
        coalesce(demand.demand_series, 0) as demand_series,
        {{ union_ids(lists=['capacity.submission_ids', 'demand.submission_ids']) }} as all_submission_ids
    from capacity
    left join demand
        on capacity.site_id = demand.site_id
        and capacity.therapy_code = demand.therapy_code
        and capacity.week_start_date = demand.week_start_date
),

-- Sums of fractions: two figures that differ in the seventh place are the same figure.
matched as (
    select
        compared.*,
        case
            when abs(load - actual_capacity) < 0.0000005 and maximum_capacity <= actual_capacity then 1
            when abs(load - actual_capacity) < 0.0000005 then 2
            when load < actual_capacity and maximum_capacity <= actual_capacity then 3
            when load < actual_capacity then 4
            when maximum_capacity <= actual_capacity then 5
            when abs(load - maximum_capacity) < 0.0000005 then 6
            when load < maximum_capacity then 7
            else 8
        end as scenario
    from compared
)

select
    matched.site_id,
    plants.site_name as plant_name,
    plants.partner_id as plant_partner_id,
    matched.therapy_code,
    matched.week_start_date,
    matched.iso_week,
    matched.demand,
    matched.load,
    matched.load_shift,
    matched.demand_series,
    matched.actual_capacity,
    matched.maximum_capacity,
    matched.maximum_capacity - matched.actual_capacity as flexible_capacity,
    matched.agreed_capacity,
    matched.capacity_source,
    cast(matched.scenario as bigint) as scenario,
    case matched.scenario
        when 1 then 'demand = actual capacity = maximum capacity'
        when 2 then 'demand = actual capacity < maximum capacity'
        when 3 then 'demand < actual capacity = maximum capacity'
        when 4 then 'demand < actual capacity < maximum capacity'
        when 5 then 'demand > actual capacity = maximum capacity'
        when 6 then 'actual capacity < demand = maximum capacity'
        when 7 then 'actual capacity < demand < maximum capacity'
        else 'actual capacity < maximum capacity < demand'
    end as matching_situation,
    case
        when matched.scenario <= 2 then 'zero deviation'
        when matched.scenario <= 4 then 'surplus'
        when matched.scenario in (6, 7) then 'bottleneck covered by flexible capacity'
        else 'bottleneck'
    end as matching_result,
    case when matched.scenario <= 4 then 'green' when matched.scenario in (6, 7) then 'orange' else 'red' end as colour,
    round(matched.actual_capacity - matched.load, 6) as deviation,
    round(greatest(matched.load - matched.maximum_capacity, 0.0), 6) as uncovered,
    matched.all_submission_ids as submission_ids
from matched
left join {{ ref('int_sites__named') }} as plants on matched.site_id = plants.site_id
