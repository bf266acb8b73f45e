-- Doses and shipments that the hospitals' forecasts asked a supplier or courier for, as each version had them and as fine as the agreements let
-- them be seen. Doses for too few patients are not asked for: the number would tell of them.
{{ requested_versions(
    ['partner_id', 'resource_kind', 'resource_code'], ref('int_versions__supply_asked'), ref('int_versions__supply_links'), 'links.per_patient'
) }},

judged as (
    select
        requested.*,
        coalesce(terms.coarseness, 0) as coarseness,
        requested.resource_kind = 'vector'
        and {{ is_below_cohort('sum(requested.patients) over version', 'terms.minimum_cohort') }} as is_withheld
    from requested
    left join {{ ref('int_agreements__resource_terms') }} as terms
        on {{ alike('requested', 'terms', ['partner_id', 'resource_kind', 'resource_code']) }}
    window version as (partition by requested.partner_id, requested.resource_kind, requested.resource_code, requested.version_date)
),

placed as (
    select
        judged.*,
        {{ shared_period('coarseness', 'week_start_date', 'partner_id, resource_kind, resource_code, version_date') }} as period_start_date
    from judged
    where not is_withheld and coarseness < 3
)

select
    partner_id,
    resource_kind,
    resource_code,
    period_start_date as week_start_date,
    version_date,
    {{ grain_word('max(coarseness)') }} as grain,
    round(sum(quantity), 6) as requested_quantity,
    round(sum(patients), 6) as requested_patients,
    max(stated_at) as stated_at,
    {{ all_ids('submission_ids') }} as submission_ids
from placed
group by partner_id, resource_kind, resource_code, period_start_date, version_date
