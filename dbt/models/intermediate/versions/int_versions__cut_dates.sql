-- The days at whose end the plan asks what was known: the Sunday of each past cycle, the planning date, and the forecast versions that
-- plants, suppliers and couriers name in their answers.
with dates as (
    select {{ add_days(planning_week(), '-7 * week_no - 1') }} as cut_date, true as is_cycle_end
    from ({{ numbers(var('version_weeks', 53)) }}) as cycles
    union all
    select {{ planning_date() }} as cut_date, false as is_cycle_end
    union all
    select distinct version_date as cut_date, false as is_cycle_end
    from {{ ref('int_versions__answers') }}
    where version_date <= {{ planning_date() }}
    union all
    select distinct version_date as cut_date, false as is_cycle_end
    from {{ ref('int_versions__supply_answers') }}
    where version_date <= {{ planning_date() }}
)

select
    cut_date,
    max(case when is_cycle_end then 1 else 0 end) = 1 as is_cycle_end
from dates
group by 1
