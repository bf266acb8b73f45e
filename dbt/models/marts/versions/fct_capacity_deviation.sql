-- Catena-X CX-0128: how far the demand on a capacity group moved between its two newest versions, per sub-horizon of consecutive weeks.
-- A group's limits are the tightest that any of its demand series has.
with changes as (
    select
        site_id,
        therapy_code,
        start_week_start_date,
        sum(latest) as latest,
        sum(previous) as previous,
        max(latest_date) as latest_date,
        {{ all_ids('submission_ids') }} as submission_ids
    from {{ ref('int_versions__changes') }}
    where site_id is not null and start_week_start_date >= {{ planning_week() }}
    group by 1, 2, 3
),

subhorizons as (
    select
        site_id,
        therapy_code,
        fence_no,
        min(fence_kind) as fence_kind,
        min(from_week) as from_week,
        min(to_week) as to_week,
        min(increase_pct) as increase_pct,
        min(decrease_pct) as decrease_pct,
        min(change_absolute) as change_absolute,
        {{ all_ids('submission_ids') }} as submission_ids
    from {{ ref('int_versions__fences') }}
    group by 1, 2, 3
),

summed as (
    select
        subhorizons.site_id,
        subhorizons.therapy_code,
        subhorizons.fence_no as sequence_number,
        subhorizons.fence_kind,
        subhorizons.increase_pct,
        subhorizons.decrease_pct,
        subhorizons.change_absolute,
        cast(count(*) as bigint) as subhorizon_length,
        min(changes.start_week_start_date) as first_week_start_date,
        max(changes.start_week_start_date) as last_week_start_date,
        max(changes.latest_date) as latest_date,
        round(sum(changes.latest), 6) as latest_demand,
        round(sum(changes.previous), 6) as previous_demand,
        {{ all_ids('changes.submission_ids') }} as submission_ids,
        {{ all_ids('subhorizons.submission_ids') }} as fence_ids
    from changes
    inner join subhorizons
        on changes.site_id = subhorizons.site_id
        and changes.therapy_code = subhorizons.therapy_code
        and {{ date_days(planning_week(), 'changes.start_week_start_date') }} / 7 >= subhorizons.from_week
        and (
            subhorizons.to_week is null
            or {{ date_days(planning_week(), 'changes.start_week_start_date') }} / 7 <= subhorizons.to_week
        )
    group by 1, 2, 3, 4, 5, 6, 7
),

judged as (
    select
        summed.*,
        {{ breach('latest_demand - previous_demand', 'previous_demand', 'increase_pct', 'decrease_pct', 'change_absolute') }} as breach
    from summed
)

select
    judged.site_id,
    plants.site_name as plant_name,
    plants.partner_id as plant_partner_id,
    judged.therapy_code,
    judged.sequence_number,
    judged.fence_kind,
    judged.subhorizon_length,
    judged.first_week_start_date,
    judged.last_week_start_date,
    judged.latest_date,
    judged.latest_demand,
    judged.previous_demand,
    round(judged.latest_demand - judged.previous_demand, 6) as absolute_deviation,
    round(100.0 * (judged.latest_demand - judged.previous_demand) / nullif(judged.previous_demand, 0), 6) as relative_deviation_pct,
    judged.increase_pct as relative_positive_limit_pct,
    judged.decrease_pct as relative_negative_limit_pct,
    judged.change_absolute as absolute_limit,
    judged.breach,
    judged.breach is not null as is_breach,
    {{ union_ids(lists=['judged.submission_ids', 'judged.fence_ids']) }} as submission_ids
from judged
left join {{ ref('int_sites__named') }} as plants on judged.site_id = plants.site_id
