-- A plant walks its own lines, so that it sees what a change of them would bring.
select *
from {{ ref('rpt_operator__plan_supplies') }}
where partner_id in ({{ partners_of('plant') }})
