-- CX-0128, the customer's side: one demand series per hospital and therapy, in weeks of start at the plant. Its load factor converts the
-- hospital's unit into the group's and is never rounded; one patient is one start, unless the agreement states another factor.
-- A series is inactive from the week in which its agreement has ended.
select
    demand.hospital_id,
    demand.therapy_code,
    demand.site_id,
    demand.week_start_date,
    demand.demand,
    demand.load_factor,
    coalesce(agreements.valid_to_date < demand.collection_week_start_date, false) as is_inactive,
    demand.submission_ids
from {{ ref('int_plan__hospital_demand') }} as demand
left join {{ ref('int_plan__links') }} as links
    on demand.hospital_id = links.hospital_id and demand.therapy_code = links.therapy_code and demand.week_no = links.week_no
left join {{ ref('int_agreements__terms') }} as agreements on links.agreement_id = agreements.agreement_id
