-- The newest forecast against the one it replaced, per hospital, therapy and fence.
with weeks as (
    select
        changes.*,
        {{ date_days(planning_week(), 'changes.week_start_date') }} / 7 as weeks_ahead
    from {{ ref('int_versions__changes') }} as changes
    where changes.week_start_date >= {{ planning_week() }}
),

fenced as (
    select
        weeks.hospital_id,
        weeks.therapy_code,
        fences.fence_no,
        fences.fence_kind,
        fences.from_week,
        fences.to_week,
        fences.increase_pct,
        fences.decrease_pct,
        fences.change_absolute,
        cast(count(*) as bigint) as weeks,
        min(weeks.week_start_date) as first_week_start_date,
        max(weeks.week_start_date) as last_week_start_date,
        max(weeks.latest_date) as latest_date,
        max(weeks.previous_date) as previous_date,
        round(sum(weeks.latest), 6) as latest,
        round(sum(weeks.previous), 6) as previous,
        {{ all_ids('weeks.submission_ids') }} as submission_ids,
        {{ all_ids('fences.submission_ids') }} as fence_ids
    from weeks
    inner join {{ ref('int_versions__fences') }} as fences
        on weeks.hospital_id = fences.hospital_id
        and weeks.therapy_code = fences.therapy_code
        and weeks.site_id = fences.site_id
        and weeks.weeks_ahead >= fences.from_week
        and (fences.to_week is null or weeks.weeks_ahead <= fences.to_week)
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
),

judged as (
    select
        fenced.*,
        round(latest - previous, 6) as change,
        {{ breach('latest - previous', 'previous', 'increase_pct', 'decrease_pct', 'change_absolute') }} as breach
    from fenced
)

select
    judged.hospital_id,
    places.site_name as hospital_name,
    places.partner_id as hospital_partner_id,
    judged.therapy_code,
    judged.fence_no,
    judged.fence_kind,
    judged.from_week,
    judged.to_week,
    judged.weeks,
    judged.first_week_start_date,
    judged.last_week_start_date,
    judged.latest_date,
    judged.previous_date,
    judged.latest,
    judged.previous,
    judged.change as absolute_change,
    round(100.0 * judged.change / nullif(judged.previous, 0), 6) as relative_change_pct,
    judged.increase_pct as increase_limit_pct,
    judged.decrease_pct as decrease_limit_pct,
    judged.change_absolute as absolute_limit,
    judged.breach,
    judged.breach is not null as is_breach,
    {{ union_ids(lists=['judged.submission_ids', 'judged.fence_ids']) }} as submission_ids
from judged
left join {{ ref('int_sites__named') }} as places on judged.hospital_id = places.site_id
