with observations as (
    select
        'vein_to_door' as kpi_code,
        therapy_code,
        cast(apheresis_at as date) as cohort_date,
        coalesce({{ days_between('apheresis_at', 'delivery_at') }}, greatest({{ days_between(
            'apheresis_at', 'coalesce(' ~ as_timestamp('outcome_date') ~ ', ' ~ knowledge_ends_at() ~ ')'
        ) }}, 0.0)) as days,
        delivery_at is not null as is_complete,
        submission_ids
    from {{ ref('fct_case_timeline') }}
    where apheresis_at is not null
),
{{ kpi_durations('observations') }}

select * from measured
