select
    exception_key,
    planning_date,
    edition_id,
    sighted,
    criterion_code,
    title,
    severity,
    owner_role,
    owner_partner_id,
    patients,
    days,
    figure,
    {{ union_ids() }} as submission_ids
from {{ ref('int_exceptions__days') }}
