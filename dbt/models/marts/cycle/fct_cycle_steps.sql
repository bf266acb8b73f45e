-- The checklist of a planning cycle: its nine steps, and who is late at which.
with items as (
    select * from {{ ref('fct_cycle_items') }}
),

cycles as (
    select 'this' as cycle, {{ planning_week() }} as cycle_week_start_date
    union all
    select 'coming' as cycle, {{ add_days(planning_week(), 7) }} as cycle_week_start_date
),

counted as (
    select
        cycle,
        step_no,
        max(due_at) as due_at,
        count(*) as items,
        sum(case when state = 'done' then 1 else 0 end) as items_done,
        sum(case when state = 'late' then 1 else 0 end) as items_late,
        sum(case when state = 'open' then 1 else 0 end) as items_open,
        sum(case when came_late then 1 else 0 end) as items_came_late,
        {{ ids('partner_name', "state = 'late'") }} as late_partner_names,
        {{ ids('partner_name', "state = 'open'") }} as open_partner_names,
        {{ ids('partner_name', 'came_late') }} as came_late_partner_names,
        {{ all_ids('submission_ids') }} as submission_ids
    from items
    group by 1, 2
)

select
    cycles.cycle,
    cycles.cycle_week_start_date,
    {{ iso_week('cycles.cycle_week_start_date') }} as iso_week,
    steps.step_no,
    steps.activity,
    steps.step_name,
    steps.what_is_asked,
    counted.due_at,
    case
        when counted.items_late > 0 then 'late'
        when counted.items_open > 0 then 'open'
        -- Where nobody owes anything: this cycle is done with it, the coming one may still bring something.
        when counted.items is null and cycles.cycle = 'coming' then 'open'
        else 'done'
    end as state,
    cast(coalesce(counted.items, 0) as bigint) as items,
    cast(coalesce(counted.items_done, 0) as bigint) as items_done,
    cast(coalesce(counted.items_late, 0) as bigint) as items_late,
    cast(coalesce(counted.items_open, 0) as bigint) as items_open,
    cast(coalesce(counted.items_came_late, 0) as bigint) as items_came_late,
    {{ union_ids(lists=['counted.late_partner_names']) }} as late_partner_names,
    {{ union_ids(lists=['counted.open_partner_names']) }} as open_partner_names,
    {{ union_ids(lists=['counted.came_late_partner_names']) }} as came_late_partner_names,
    {{ union_ids(lists=['counted.submission_ids']) }} as submission_ids
from cycles
cross join {{ ref('cycle_steps') }} as steps
left join counted on cycles.cycle = counted.cycle and steps.step_no = counted.step_no
