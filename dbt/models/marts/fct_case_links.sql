-- Synchronised readiness: a case may start only when every link of its chain is green at once. The earliest week in which that is so, and
-- the link that binds: the one that is not green in the week before, or never.
with weeks as (
    select
        int_plan__case_weeks.*,
        {% for code, name in chain_links() %}{{ code }}_ok{{ ' and ' if not loop.last }}{% endfor %} as all_ok
    from {{ ref('int_plan__case_weeks') }} as int_plan__case_weeks
),

firsts as (
    select
        case_id,
        hospital_id,
        therapy_code,
        site_id,
        start_date,
        booked_week_no,
        min(case when all_ok then week_no end) as earliest_week_no,
        min(case when all_ok then week_start_date end) as earliest_week_start_date,
        min(case when all_ok then infusion_week_start_date end) as infusion_week_start_date
        {%- for code, name in chain_links() %},
        min(case when {{ code }}_ok then week_start_date end) as {{ code }}_date
        {%- endfor %}
    from weeks
    group by 1, 2, 3, 4, 5, 6
),

-- What stops the case in the week before the earliest one.
stopped as (
    select
        firsts.case_id,
        case
            {%- for code, name in chain_links() %}
            when not weeks.{{ code }}_ok then '{{ code }}'
            {%- endfor %}
        end as link
    from firsts
    inner join weeks
        on firsts.case_id = weeks.case_id
        and weeks.week_no = coalesce(firsts.earliest_week_no, {{ var('horizon_weeks') }}) - 1
),

ways_in as (
    select case_id, {{ all_ids('submission_ids') }} as submission_ids
    from {{ ref('int_shipments__deliveries') }}
    where leg = 'apheresis_in' and status <> 'cancelled' and case_id is not null
    group by 1
),

readiness as (
    select
        *,
        row_number() over (partition by case_id order by as_of_date desc, as_of desc, submission_id desc) as choice
    from {{ ref('stg_patient_readiness') }}
    where is_current
),

judged as (
    select
        firsts.*,
        readiness.authorisation_status,
        readiness.authorisation_date,
        readiness.authorisation_expires_date,
        readiness.hold_reason_code,
        case
            when readiness.case_id is null then 'not_stated'
            when not readiness.is_eligible or readiness.hold_reason_code is not null or not coalesce(readiness.is_fit_for_apheresis, true) then 'red'
            when readiness.authorisation_status <> 'approved' then 'red'
            when readiness.authorisation_expires_date < coalesce(firsts.infusion_week_start_date, firsts.earliest_week_start_date) then 'red'
            else 'green'
        end as authorisation_state,
        stopped.link as stopped_by,
        {{ union_ids(
            lists=['cases.submission_ids', 'ways_in.submission_ids', 'plants.submission_ids'], singles=['readiness.submission_id']
        ) }} as all_submission_ids
    from firsts
    inner join {{ ref('int_plan__cases') }} as cases on firsts.case_id = cases.case_id
    left join ways_in on firsts.case_id = ways_in.case_id
    -- What the plant has in the week that is found, or in the last one that was tried.
    left join {{ ref('int_plan__frame') }} as plants
        on firsts.therapy_code = plants.therapy_code
        and firsts.site_id = plants.site_id
        and coalesce(firsts.earliest_week_no, {{ var('horizon_weeks') }} - 1) = plants.week_no
    left join readiness on firsts.case_id = readiness.case_id and readiness.choice = 1
    left join stopped on firsts.case_id = stopped.case_id
),

named as (
    select
        judged.*,
        case when authorisation_state = 'red' then 'authorisation' else stopped_by end as red_link,
        case
            when authorisation_state = 'red' or earliest_week_start_date is null then null
            when earliest_week_no = booked_week_no then greatest(start_date, {{ planning_date() }})
            else greatest(earliest_week_start_date, {{ planning_date() }})
        end as earliest_start_date
    from judged
)

select
    named.case_id,
    named.hospital_id,
    hospitals.site_name as hospital_name,
    hospitals.partner_id as hospital_partner_id,
    named.therapy_code,
    named.site_id,
    plants.site_name as plant_name,
    plants.partner_id as plant_partner_id,
    named.start_date as booked_start_date,
    named.earliest_start_date,
    named.earliest_start_date > named.start_date as is_later_than_booked,
    named.red_link,
    named.authorisation_state,
    named.authorisation_expires_date
    {%- for code, name in chain_links() %},
    named.{{ code }}_date
    {%- endfor %},
    concat(
        case
            when named.earliest_start_date is not null then concat('Can start from ', cast(named.earliest_start_date as {{ dbt.type_string() }}), '.')
            when named.authorisation_state = 'red' then 'Cannot be planned yet.'
            else 'No week of this plan has everything at once.'
        end,
        case named.red_link
            when 'authorisation' then concat(
                ' The patient is not ready: ',
                case
                    when named.hold_reason_code is not null then concat('on hold (', replace(named.hold_reason_code, '_', ' '), ').')
                    when named.authorisation_status <> 'approved' then concat('authorisation ', replace(named.authorisation_status, '_', ' '), '.')
                    when named.authorisation_expires_date is not null
                        then concat('authorisation ends on ', cast(named.authorisation_expires_date as {{ dbt.type_string() }}), ', before the infusion.')
                    else 'not fit or not eligible.'
                end
            )
            when 'chair' then ' The collection comes first.'
            when 'courier' then ' No courier can carry the cells before.'
            when 'container' then ' No container holds its temperature long enough for the way.'
            when 'slot' then ' The plant has no free slot before.'
            when 'vector' then ' The plant has no vector before.'
            when 'material' then ' The plant lacks raw material before.'
            when 'bed' then ' The hospital has no bed for the infusion before.'
            else ' Every link is green.'
        end
    ) as explanation,
    named.all_submission_ids as submission_ids
from named
left join {{ ref('int_sites__named') }} as hospitals on named.hospital_id = hospitals.site_id
left join {{ ref('int_sites__named') }} as plants on named.site_id = plants.site_id
