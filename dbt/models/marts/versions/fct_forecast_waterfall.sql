-- Row by row what was forecast at the end of each past cycle for the weeks ahead of it, and what was collected as the last row. Read down a
-- column to see how the figure of a week moved.
with in_force as (
    select * from {{ ref('int_versions__in_force') }}
    where
        cut_date >= {{ versions_kept_from() }}
        and (is_cycle_end or cut_date = {{ planning_date() }})
        and week_start_date < {{ add_days(planning_week(), '7 * ' ~ var('waterfall_weeks')) }}
),

forecasts as (
    select
        in_force.hospital_id,
        said.therapy_code,
        in_force.cut_date as version_date,
        in_force.week_start_date,
        sum(said.patients) as patients,
        {{ version_ids('in_force', 'said') }} as submission_ids
    from in_force
    inner join {{ ref('int_versions__forecasts') }} as said
        on in_force.sender_partner_id = said.sender_partner_id
        and in_force.version_id = said.version_id
        and in_force.hospital_id = said.hospital_id
        and in_force.week_start_date = said.week_start_date
    group by 1, 2, 3, 4
),

beginning as (
    select min(week_start_date) as first_week from forecasts
),

-- A week is told once a file of collections has seen its end; before that an empty one says nothing.
newest_file as (
    select cast(max(as_of) as date) as sent_date from {{ ref('stg_collection') }} where is_current
),

cells as (
    select * from forecasts
    union all
    select
        history.hospital_id,
        history.therapy_code,
        cast(null as date) as version_date,
        history.week_start_date,
        history.actual as patients,
        history.submission_ids
    from {{ ref('int_versions__history') }} as history
    inner join beginning on history.week_start_date >= beginning.first_week
    inner join newest_file on {{ add_days('history.week_start_date', 7) }} <= newest_file.sent_date
),

places as (
    select * from {{ ref('int_sites__named') }}
),

sliced as (
    select
        slices.slice_kind,
        case slices.slice_kind when 'hospital' then cells.hospital_id end as hospital_id,
        case slices.slice_kind when 'hospital' then hospitals.partner_id end as hospital_partner_id,
        case slices.slice_kind when 'plant' then links.site_id end as site_id,
        case slices.slice_kind when 'plant' then plants.partner_id end as plant_partner_id,
        cells.therapy_code,
        cells.version_date,
        cells.week_start_date,
        cells.patients,
        cells.submission_ids
    from cells
    cross join (select 'hospital' as slice_kind union all select 'plant') as slices
    left join {{ ref('int_versions__links') }} as links
        on cells.hospital_id = links.hospital_id
        and cells.therapy_code = links.therapy_code
        and cells.week_start_date = links.collection_week_start_date
    left join places as hospitals on cells.hospital_id = hospitals.site_id
    left join places as plants on links.site_id = plants.site_id
    where slices.slice_kind = 'hospital' or links.site_id is not null
)

select
    slice_kind,
    hospital_id,
    hospital_partner_id,
    site_id,
    plant_partner_id,
    therapy_code,
    case when version_date is null then 'actual' else 'forecast' end as version_kind,
    version_date,
    coalesce({{ iso_week('version_date') }}, 'actual') as version_label,
    week_start_date,
    {{ iso_week('week_start_date') }} as iso_week,
    cast({{ date_days(week_start('version_date'), 'week_start_date') }} / 7 as bigint) as lag_weeks,
    round(sum(patients), 6) as patients,
    {{ all_ids('submission_ids') }} as submission_ids
from sliced
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
