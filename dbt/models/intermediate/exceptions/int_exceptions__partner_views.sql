-- What each partner may see of which exception (decision 4). Whose object it is, and who owns it, sees it whole. A run of short weeks rests on
-- many partners' figures: the plant sees its own plan, a hospital its own patients, suppliers and couriers that a plant is short, and
-- counts of patients only from the minimum cohort on.
with exceptions as (
    select
        fct_exceptions.*,
        criterion_code in ('bottleneck_red', 'bottleneck_orange', 'bed_short', 'chair_short') as is_run
    from {{ ref('fct_exceptions') }} as fct_exceptions
),

partners as (
    select partner_id, min(role) as role from {{ ref('stg_partner') }} where is_current group by 1
),

whole as (
    {%- for column in ['owner_partner_id', 'owning_partner_id', 'plant_partner_id', 'hospital_partner_id'] %}
    select exception_key, {{ column }} as partner_id from exceptions where not is_run
    union
    {%- endfor %}
    select exception_key, object_code as partner_id from exceptions where object_kind = 'partner'
    union
    select exception_key, plant_partner_id as partner_id from exceptions where is_run
),

suppliers as (
    select distinct therapies.therapy_code, inventory.sender_partner_id as partner_id
    from {{ ref('int_plan__therapies') }} as therapies
    inner join {{ ref('stg_vector_inventory') }} as inventory on therapies.vector_code = inventory.vector_code and inventory.is_current
),

couriers as (
    select distinct therapy_code, site_id, courier_partner_id as partner_id from {{ ref('int_plan__links') }}
),

bound as (
    select exceptions.exception_key, runs.binding_constraint, runs.plant_name, runs.therapy_name, exceptions.therapy_code, exceptions.site_id,
        {{ span_words('runs.first_week_start_date', 'runs.last_week_start_date') }} as span
    from exceptions
    inner join {{ ref('int_exceptions__runs') }} as runs
        on exceptions.object_code = runs.object_code and exceptions.first_week_start_date = runs.first_week_start_date
    where exceptions.is_run
),

helpers as (
    select bound.*, suppliers.partner_id
    from bound
    inner join suppliers on bound.therapy_code = suppliers.therapy_code
    where bound.binding_constraint = 'vector'
    union
    select bound.*, couriers.partner_id
    from bound
    inner join couriers on bound.therapy_code = couriers.therapy_code and bound.site_id = couriers.site_id
    where bound.binding_constraint in ('courier', 'container')
),

views as (
    select
        whole.partner_id,
        whole.exception_key,
        exceptions.title,
        exceptions.patients,
        exceptions.days,
        exceptions.stake_score,
        exceptions.figure,
        exceptions.ours_words,
        exceptions.theirs_words,
        -- Whose beds or chairs are short is between that hospital and the operator.
        case when exceptions.criterion_code in ('bed_short', 'chair_short') then 'Held back by beds or chairs of a hospital.' else exceptions.reason end
            as reason,
        exceptions.note,
        exceptions.submission_ids
    from whole
    inner join exceptions on whole.exception_key = exceptions.exception_key
    union all
    select
        parts.partner_id,
        parts.exception_key,
        parts.title,
        parts.patients,
        round(parts.patient_days / nullif(parts.patients, 0), 1) as days,
        parts.patient_days as stake_score,
        parts.patient_days as figure,
        cast(null as {{ dbt.type_string() }}) as ours_words,
        cast(null as {{ dbt.type_string() }}) as theirs_words,
        cast(null as {{ dbt.type_string() }}) as reason,
        cast(null as {{ dbt.type_string() }}) as note,
        parts.submission_ids
    from (
        select
            partner_id, exception_key, min(title) as title, round(sum(patients), 1) as patients, round(sum(patient_days), 1) as patient_days,
            {{ all_ids('submission_ids') }} as submission_ids
        from {{ ref('int_exceptions__hospital_parts') }}
        group by 1, 2
    ) as parts
    union all
    select
        helpers.partner_id,
        helpers.exception_key,
        concat(helpers.plant_name, ' is short of ', {{ resource_words('helpers.binding_constraint') }}, ' for ', helpers.therapy_name, ' ', helpers.span) as title,
        cast(null as double) as patients,
        cast(null as double) as days,
        cast(null as double) as stake_score,
        cast(null as double) as figure,
        cast(null as {{ dbt.type_string() }}) as ours_words,
        cast(null as {{ dbt.type_string() }}) as theirs_words,
        case when helpers.binding_constraint = 'vector' then exceptions.reason end as reason,
        cast(null as {{ dbt.type_string() }}) as note,
        {{ union_ids() }} as submission_ids
    from helpers
    inner join exceptions on helpers.exception_key = exceptions.exception_key
),

walled as (
    select
        views.*,
        partners.role,
        partners.role in ('supplier', 'courier')
        and exceptions.object_kind not in ('case', 'shipment', 'supplier', 'courier')
        and {{ is_below_cohort('views.patients', 'null') }} as is_withheld,
        exceptions.is_run and exceptions.owner_role = 'hospital' and coalesce(exceptions.owner_partner_id <> views.partner_id, true) as is_somebody_elses,
        row_number() over (partition by views.partner_id, views.exception_key order by views.patients is null, views.title) as choice
    from views
    inner join partners on views.partner_id = partners.partner_id
    inner join exceptions on views.exception_key = exceptions.exception_key
)

select
    walled.partner_id,
    walled.role,
    exceptions.exception_key,
    exceptions.criterion_code,
    exceptions.criterion_name,
    walled.title,
    exceptions.week_start_date,
    exceptions.iso_week,
    exceptions.first_week_start_date,
    exceptions.last_week_start_date,
    exceptions.therapy_code,
    exceptions.site_id,
    exceptions.plant_partner_id,
    case when exceptions.hospital_partner_id = walled.partner_id or not exceptions.is_run then exceptions.hospital_id end as hospital_id,
    case when exceptions.hospital_partner_id = walled.partner_id or not exceptions.is_run then exceptions.hospital_partner_id end as hospital_partner_id,
    exceptions.object_kind,
    exceptions.object_code,
    case when exceptions.owning_partner_id = walled.partner_id then exceptions.owning_partner_id end as owning_partner_id,
    exceptions.severity,
    case when not walled.is_withheld then walled.patients end as patients,
    case when not walled.is_withheld then walled.days end as days,
    case when not walled.is_withheld then walled.stake_score end as stake_score,
    case when not walled.is_withheld then walled.figure end as figure,
    cast(case
        when exceptions.place is not null then row_number() over (
            partition by walled.partner_id, exceptions.place is not null order by exceptions.place
        )
    end as bigint) as place,
    exceptions.owner_role,
    case when not walled.is_somebody_elses then exceptions.owner_partner_id end as owner_partner_id,
    case when walled.is_somebody_elses then 'a hospital' else exceptions.owner_name end as owner_name,
    exceptions.due_date,
    exceptions.is_overdue,
    exceptions.escalated_to_role,
    exceptions.opened_on,
    exceptions.cleared_on,
    exceptions.age_days,
    exceptions.times_opened,
    exceptions.state,
    -- What it was accepted at is a count of the network's.
    case when walled.stake_score = exceptions.stake_score then exceptions.state_words end as state_words,
    exceptions.state_by,
    exceptions.state_at,
    exceptions.option_code,
    exceptions.reason_code,
    walled.note,
    case when not walled.is_withheld then walled.ours_words end as ours_words,
    walled.theirs_words,
    walled.reason,
    walled.submission_ids
from walled
inner join exceptions on walled.exception_key = exceptions.exception_key
where walled.choice = 1
