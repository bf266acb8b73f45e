-- Patients collected and not infused; a case without an outcome is open and not counted in the share.
with observations as (
    select
        'drop_out' as kpi_code,
        therapy_code,
        cast(apheresis_at as date) as cohort_date,
        case case_status when 'not_infused' then true when 'infused' then false end as is_hit,
        submission_ids
    from {{ ref('fct_case_timeline') }}
    where apheresis_at is not null
),
{{ kpi_shares('observations') }}

select * from measured
