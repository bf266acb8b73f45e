-- Which rows of which files an exception reads, group of criteria by group.
with found as (
    select * from {{ ref('int_exceptions__found') }}
),

runs as (
    select found.exception_key, runs.*
    from found
    inner join {{ ref('int_exceptions__runs') }} as runs
        on found.object_code = runs.object_code and found.first_week_start_date = runs.first_week_start_date
    where found.criterion_code in ('bottleneck_red', 'bottleneck_orange', 'bed_short', 'chair_short')
),

-- The forecasts that ask for a start in the weeks in which the waiting grows, and the hospitals' beds or chairs behind them.
links as (
    select
        runs.exception_key,
        runs.therapy_code,
        runs.binding_constraint,
        links.hospital_id,
        links.collection_week_start_date,
        links.infusion_week_start_date
    from runs
    inner join {{ ref('int_plan__links') }} as links
        on runs.therapy_code = links.therapy_code
        and runs.site_id = links.site_id
        and links.week_start_date between runs.first_growth_date and runs.last_growth_date
),

asked as (
    select links.exception_key, forecasts.submission_id, forecasts.row_number
    from links
    inner join {{ ref('stg_demand_forecast') }} as forecasts
        on links.hospital_id = forecasts.hospital_id
        and links.therapy_code = forecasts.therapy_code
        and links.collection_week_start_date = forecasts.week_start_date
        and forecasts.is_current
),

offered as (
    select runs.exception_key, slots.submission_id, slots.row_number
    from runs
    inner join {{ ref('stg_slot_plan') }} as slots
        on runs.therapy_code = slots.therapy_code
        and runs.site_id = slots.site_id
        and slots.is_current
        and slots.start_window_open_date >= runs.first_growth_date
        and slots.start_window_open_date < {{ add_days('runs.last_growth_date', 7) }}
),

resources as (
    select links.exception_key, capacities.submission_id, capacities.row_number
    from links
    inner join {{ ref('stg_infusion_capacity') }} as capacities
        on links.hospital_id = capacities.hospital_id
        and links.binding_constraint = capacities.resource
        and capacities.is_current
        and {{ week_start('capacities.capacity_date') }} = case capacities.resource
            when 'bed' then links.infusion_week_start_date
            else links.collection_week_start_date
        end
),

causes as (
    select runs.exception_key, causes.submission_id, causes.row_number
    from runs
    inner join {{ ref('int_exceptions__run_causes') }} as causes
        on runs.object_code = causes.object_code and runs.first_week_start_date = causes.first_week_start_date
    where causes.submission_id is not null
),

forecasts as (
    select found.exception_key, forecasts.submission_id, forecasts.row_number
    from found
    inner join {{ ref('stg_demand_forecast') }} as forecasts
        on found.hospital_id = forecasts.hospital_id
        and forecasts.is_current
        and forecasts.week_start_date between {{ planning_week() }} and greatest(found.last_week_start_date, {{ add_days(planning_week(), 84) }})
    where found.criterion_code in ('forecast_change_beyond_flex', 'change_in_frozen_period', 'forecast_against_baseline')
),

commits as (
    select found.exception_key, commits.submission_id, commits.row_number
    from found
    inner join {{ ref('stg_capacity_commit') }} as commits
        on found.site_id = commits.site_id
        and coalesce(found.therapy_code = commits.therapy_code, true)
        and commits.is_current
        and commits.week_start_date between {{ planning_week() }} and found.last_week_start_date
    where found.criterion_code = 'forecast_against_commit'
    union all
    select found.exception_key, commits.submission_id, commits.row_number
    from found
    inner join {{ ref('stg_supply_commit') }} as commits
        on found.object_code = concat(commits.partner_id, ':', commits.resource_code)
        and commits.is_current
        and commits.week_start_date between {{ planning_week() }} and found.last_week_start_date
    where found.criterion_code = 'forecast_against_commit' and found.object_kind in ('supplier', 'courier')
),

lots as (
    select found.exception_key, inventory.submission_id, inventory.row_number
    from found
    inner join {{ ref('stg_vector_inventory') }} as inventory
        on inventory.is_current and found.object_code = concat(inventory.gtin, '.', inventory.lot_code)
    where found.criterion_code = 'lot_expiring_unused'
),

stock as (
    select found.exception_key, allocations.submission_id, allocations.row_number
    from found
    inner join {{ ref('stg_vector_allocation') }} as allocations
        on found.therapy_code = allocations.therapy_code and found.site_id = allocations.site_id and allocations.is_current
    where found.criterion_code = 'vector_cover_low'
),

readiness as (
    select found.exception_key, readiness.submission_id, readiness.row_number
    from found
    inner join {{ ref('stg_patient_readiness') }} as readiness on found.object_code = readiness.case_id and readiness.is_current
    where found.criterion_code = 'authorisation_expires_early'
),

appointments as (
    select found.exception_key, appointments.submission_id, appointments.row_number
    from found
    inner join {{ ref('stg_apheresis_schedule') }} as appointments on found.object_code = appointments.case_id and appointments.is_current
    where found.criterion_code = 'no_show_with_open_bookings'
),

case_slots as (
    select found.exception_key, slots.submission_id, slots.row_number
    from found
    inner join {{ ref('stg_slot_plan') }} as slots on found.object_code = slots.case_id and slots.is_current
    where found.criterion_code = 'no_show_with_open_bookings' and slots.status in ('busy', 'busy-tentative')
),

bookings as (
    select found.exception_key, bookings.submission_id, bookings.row_number
    from found
    inner join {{ ref('stg_shipment_booking') }} as bookings
        on bookings.is_current and found.object_code = concat(bookings.partner_id, '.', bookings.booking_id)
    where found.object_kind in ('shipment', 'identity')
),

orders as (
    select found.exception_key, orders.submission_id, orders.row_number
    from found
    inner join {{ ref('stg_case_order') }} as orders
        on orders.is_current and found.object_code in (orders.case_id, concat(orders.coi_issuer_id, '.', orders.coi_id))
    where found.criterion_code = 'identity_mismatch'
),

decisions as (
    select decided.exception_key, decisions.submission_id, decisions.row_number
    from {{ ref('int_exceptions__decided') }} as decided
    inner join {{ ref('stg_decision') }} as decisions
        on decided.decision_id = decisions.decision_id and decided.submission_id = decisions.submission_id and decisions.is_current
)

{% for name in [
    'asked', 'offered', 'resources', 'causes', 'forecasts', 'commits', 'lots', 'stock', 'readiness', 'appointments', 'case_slots', 'bookings',
    'orders', 'decisions'
] -%}
select exception_key, submission_id, row_number from {{ name }}
{% if not loop.last %}union
{% endif -%}
{%- endfor %}
