-- bottleneck_red, bottleneck_orange, bed_short, chair_short: what a run of short weeks is called depends on what binds; its key does not.
with runs as (
    select
        runs.*,
        causes.words as cause_words,
        causes.hospital_id,
        places.partner_id as hospital_partner_id,
        {{ span_words('runs.first_growth_date', 'runs.last_growth_date') }} as span,
        {{ plain_number('runs.waiting_before') }} <> '0' as is_waited_before
    from {{ ref('int_exceptions__runs') }} as runs
    left join {{ ref('int_exceptions__run_causes') }} as causes
        on runs.object_code = causes.object_code and runs.first_week_start_date = causes.first_week_start_date and causes.place = 1
    left join {{ ref('int_sites__named') }} as places on causes.hospital_id = places.site_id
)

select
    case
        when binding_constraint = 'bed' then 'bed_short'
        when binding_constraint = 'chair' then 'chair_short'
        when is_covered_by_flexibility then 'bottleneck_orange'
        else 'bottleneck_red'
    end as criterion_code,
    'bottleneck' as key_code,
    'plant' as object_kind,
    object_code,
    'run' as week_kind,
    first_week_start_date as week_start_date,
    last_week_start_date,
    therapy_code,
    site_id,
    hospital_id,
    case when binding_constraint in ('bed', 'chair') then hospital_partner_id else plant_partner_id end as owning_partner_id,
    cast(null as double) as measure,
    patient_days as figure,
    patients,
    days,
    concat(
        plant_name, ' can start ', {{ people_number_beside('served', '(newly_expected + waiting_before)') }}, ' of the ',
        {{ people_number_beside('(newly_expected + waiting_before)', 'served') }},
        case when {{ people_number('(newly_expected + waiting_before)') }} = '1' then ' patient' else ' patients' end, ' for ', therapy_name, ' ',
        span, case when is_waited_before then concat(' (', {{ people_number('newly_expected') }}, ' new, ', {{ people_number('waiting_before') }}, ' already waiting)') else '' end,
        ': ', case when last_week_start_date > last_growth_date then concat('until ', {{ iso_week('last_week_start_date') }}, ', ') else '' end,
        {{ people_wait('patients') }}, ' about ', {{ counted_words('days', 'day', 'days') }}
    ) as title,
    concat(
        {{ people_words('newly_expected') }}, case when {{ people_number('newly_expected') }} = '1' then ' is' else ' are' end, ' expected ', span,
        case when is_waited_before then concat('; ', {{ people_number('waiting_before') }}, ' already waiting') else '' end
    ) as ours_words,
    concat(
        plant_name, ' can start ', {{ people_number('served') }},
        case when is_covered_by_flexibility then concat(' and could add ', {{ plain_number('flexible_starts') }}) else '' end
    ) as theirs_words,
    concat('Held back by ', {{ resource_words('binding_constraint') }}, case when cause_words is null then '' else concat('; ', cause_words) end, '.') as reason,
    submission_ids
from runs
