-- Cases with an appointment or a slot: in the week of collection in which they consume the forecast (collection_week_start_date, which may
-- lie behind), and in the week of the plan in which they start (week_no, empty when that lies outside of it or has been).
with cases as (
    select
        int_plan__cases.*,
        {{ week_start('collection_date') }} as stated_week,
        {{ week_start('start_date') }} as start_week
    from {{ ref('int_plan__cases') }} as int_plan__cases
    where is_booked or collection_date is not null
),

weeks as (
    select * from {{ ref('int_plan__weeks') }}
),

arrivals as (
    select * from {{ ref('int_plan__arrivals') }}
)

select
    cases.case_id,
    cases.hospital_id,
    cases.therapy_code,
    cases.is_remake,
    -- Without an appointment, the week of collection is that of the slot, less the lead time.
    coalesce(cases.stated_week, slot_arrivals.collection_week_start_date, cases.start_week) as collection_week_start_date,
    case
        when not cases.is_booked then null
        when cases.start_date is not null then weeks.week_no
        else arrivals.arrival_week_no
    end as week_no,
    cases.submission_ids
from cases
left join weeks on cases.start_week = weeks.week_start_date
left join arrivals
    on cases.hospital_id = arrivals.hospital_id
    and cases.therapy_code = arrivals.therapy_code
    and cases.stated_week = arrivals.collection_week_start_date
left join arrivals as slot_arrivals
    on cases.hospital_id = slot_arrivals.hospital_id
    and cases.therapy_code = slot_arrivals.therapy_code
    and weeks.week_no = slot_arrivals.week_no
