-- The decisions that change the plan. With them, the patients that a move takes: never more than the hospitals ask for in that week, the
-- decisions of a week one after the other.
with in_force as (
    select * from {{ ref('int_decisions__judged') }} where standing = 'in force'
),

asked as (
    select therapy_code, site_id, week_no, round(sum(demand), 6) as demand
    from {{ ref('int_plan__hospital_demand') }}
    group by 1, 2, 3
),

counted as (
    select
        in_force.*,
        in_force.option_code in ('shift_week', 'other_plant') as is_move,
        coalesce(asked.demand, 0.0) as demand,
        sum(in_force.quantity) over (
            partition by in_force.therapy_code, in_force.site_id, in_force.week_no, in_force.option_code in ('shift_week', 'other_plant')
            order by in_force.decided_at, in_force.decision_key rows unbounded preceding
        ) as quantity_until
    from in_force
    left join asked
        on in_force.therapy_code = asked.therapy_code and in_force.site_id = asked.site_id and in_force.week_no = asked.week_no
)

select
    decision_key,
    decision_id,
    exception_key,
    option_code,
    therapy_code,
    site_id,
    week_no,
    to_site_id,
    to_week_no,
    lot_id,
    case
        when is_move then round(least(quantity_until, demand) - least(quantity_until - quantity, demand), 6)
        else quantity
    end as quantity,
    is_move,
    submission_ids
from counted
