-- Each case that waits for a start, against each week of the plan in which it could: whether every link of its chain is green. What the
-- case holds itself (a chair, a booking, a container, a slot) counts for it alone; the rest is what its hospital and plant have.
with cases as (
    select
        cases.case_id,
        cases.hospital_id,
        cases.therapy_code,
        steps.site_id,
        steps.coi_id,
        cases.collection_date,
        steps.apheresis_at is not null as is_collected,
        cases.start_date,
        bookings.week_no as booked_week_no
    from {{ ref('int_plan__cases') }} as cases
    inner join {{ ref('int_cases__steps') }} as steps on cases.case_id = steps.case_id
    left join {{ ref('int_plan__bookings') }} as bookings on cases.case_id = bookings.case_id
    where cases.awaits_start
),

ways_in as (
    select
        case_id,
        max(case when container_id is not null then 1 else 0 end) as has_container
    from {{ ref('int_shipments__deliveries') }}
    where leg = 'apheresis_in' and status <> 'cancelled' and case_id is not null
    group by 1
),

hospitals as (
    select * from {{ ref('int_plan__hospital_capacity') }}
),

plants as (
    select
        frame.therapy_code,
        frame.site_id,
        frame.week_no,
        frame.week_start_date,
        frame.slots - frame.bookings as free_slots,
        served.vector_starts,
        served.material_starts
    from {{ ref('int_plan__frame') }} as frame
    inner join {{ ref('int_plan__served') }} as served
        on frame.therapy_code = served.therapy_code and frame.site_id = served.site_id and frame.week_no = served.week_no
),

arrivals as (
    select * from {{ ref('int_plan__arrivals') }}
)

select
    cases.case_id,
    cases.hospital_id,
    cases.therapy_code,
    cases.site_id,
    cases.start_date,
    cases.booked_week_no,
    plants.week_no,
    plants.week_start_date,
    hospitals.infusion_week_start_date,
    -- Cells that are collected, or will be on a day that is booked, can be used from the week in which they arrive.
    case
        when cases.is_collected or cases.collection_date >= {{ planning_date() }} then coalesce(plants.week_no >= arrivals.arrival_week_no, true)
        else coalesce(hospitals.chair_capacity > 0, true)
    end as chair_ok,
    ways_in.case_id is not null or coalesce(hospitals.courier_capacity > 0, true) as courier_ok,
    coalesce(ways_in.has_container, 0) = 1 or coalesce(hospitals.container_capacity > 0, true) as container_ok,
    case
        when cases.start_date is not null and cases.booked_week_no is not null
            then plants.week_no = cases.booked_week_no or (plants.week_no > cases.booked_week_no and plants.free_slots >= 1)
        else plants.free_slots >= 1
    end as slot_ok,
    plants.vector_starts >= 1 as vector_ok,
    coalesce(plants.material_starts >= 1, true) as material_ok,
    coalesce(hospitals.bed_capacity > 0, true) as bed_ok
from cases
inner join plants on cases.therapy_code = plants.therapy_code and cases.site_id = plants.site_id
left join ways_in on cases.case_id = ways_in.case_id
left join hospitals
    on cases.hospital_id = hospitals.hospital_id
    and cases.therapy_code = hospitals.therapy_code
    and cases.site_id = hospitals.site_id
    and plants.week_no = hospitals.week_no
left join arrivals
    on cases.hospital_id = arrivals.hospital_id
    and cases.therapy_code = arrivals.therapy_code
    and {{ week_start('cases.collection_date') }} = arrivals.collection_week_start_date
