-- Patients that decisions move, hospital by hospital: away from a plant and week (below zero) and to another. The hospitals of the week share
-- a move in proportion to what they ask.
with moves as (
    select * from {{ ref('int_decisions__in_force') }} where is_move and quantity > 0
),

hospitals as (
    select * from {{ ref('int_plan__hospital_demand') }}
),

totals as (
    select therapy_code, site_id, week_no, {{ total('demand') }} as demand
    from hospitals
    group by 1, 2, 3
),

shared as (
    select
        moves.*,
        hospitals.hospital_id,
        moves.quantity * hospitals.demand / totals.demand as patients
    from moves
    inner join totals on moves.therapy_code = totals.therapy_code and moves.site_id = totals.site_id and moves.week_no = totals.week_no
    inner join hospitals
        on moves.therapy_code = hospitals.therapy_code and moves.site_id = hospitals.site_id and moves.week_no = hospitals.week_no
    where hospitals.demand > 0
)

select decision_key, hospital_id, therapy_code, site_id, week_no, -patients as patients, submission_ids
from shared
union all
select decision_key, hospital_id, therapy_code, to_site_id as site_id, to_week_no as week_no, patients, submission_ids
from shared
