-- Why a run of short weeks is short, in words: the event, the lot or the hospital behind the resource that binds. One row per run and cause,
-- place 1 is what is said.
with runs as (
    select * from {{ ref('int_exceptions__runs') }}
),

events as (
    select * from {{ ref('stg_calendar') }} where is_current
),

therapies as (
    select * from {{ ref('int_plan__therapies') }}
),

-- Events that take starts away in the run, or just before it: what could not start then waits now.
shut as (
    select
        runs.object_code,
        runs.first_week_start_date,
        concat(
            'the plant is shut from ', cast(events.start_date as {{ dbt.type_string() }}), ' to ', cast(events.end_date as {{ dbt.type_string() }})
        ) as words,
        events.start_date as cause_date,
        cast(null as {{ dbt.type_string() }}) as hospital_id,
        events.submission_id,
        events.row_number
    from runs
    inner join events
        on events.event_kind = 'shutdown'
        and (events.site_id is null or events.site_id = runs.site_id)
        and (events.therapy_code is null or events.therapy_code = runs.therapy_code)
        and events.start_date <= {{ add_days('runs.last_week_start_date', 6) }}
        and events.end_date >= {{ add_days('runs.first_week_start_date', -7) }}
    where runs.binding_constraint = 'slot'
),

grounded as (
    select
        runs.object_code,
        runs.first_week_start_date,
        concat(
            'the airport of ', places.site_name, ' is closed from ', cast(events.start_date as {{ dbt.type_string() }}), ' to ',
            cast(events.end_date as {{ dbt.type_string() }})
        ) as words,
        events.start_date as cause_date,
        cast(null as {{ dbt.type_string() }}) as hospital_id,
        events.submission_id,
        events.row_number
    from runs
    inner join {{ ref('int_plan__links') }} as links
        on runs.therapy_code = links.therapy_code and runs.site_id = links.site_id and links.week_no = 0
    inner join events
        on events.event_kind = 'airport_closure'
        and (events.site_id is null or events.site_id in (runs.site_id, links.hospital_id))
        and events.start_date <= {{ add_days('runs.last_week_start_date', 6) }}
        and events.end_date >= {{ add_days('runs.first_week_start_date', -28) }}
    left join {{ ref('int_sites__named') }} as places on events.site_id = places.site_id
    where runs.binding_constraint = 'courier'
    group by 1, 2, 3, 4, 6, 7
),

lots as (
    select
        runs.object_code,
        runs.first_week_start_date,
        concat(
            'vector lot ', lots.lot_code, case lots.status
                when 'rejected' then ' was rejected'
                when 'in_qc' then concat(' is in quality control until ', cast(lots.release_planned_date as {{ dbt.type_string() }}))
                else concat(' is in quarantine until ', cast(lots.release_planned_date as {{ dbt.type_string() }}))
            end
        ) as words,
        coalesce(lots.release_planned_date, lots.made_date) as cause_date,
        cast(null as {{ dbt.type_string() }}) as hospital_id,
        lots.submission_id,
        lots.row_number
    from runs
    inner join therapies on runs.therapy_code = therapies.therapy_code
    inner join {{ ref('stg_vector_inventory') }} as lots
        on therapies.vector_code = lots.vector_code
        and lots.is_current
        and (
            -- A lot that was to be there by then, and will not be.
            (lots.status = 'rejected' and coalesce(lots.release_planned_date, lots.made_date) <= runs.last_week_start_date
                and coalesce(lots.release_planned_date, lots.made_date) >= {{ add_days(planning_week(), -91) }})
            or (lots.status in ('in_qc', 'quarantine') and lots.release_planned_date > runs.first_week_start_date)
        )
    where runs.binding_constraint = 'vector'
),

-- The hospital whose own resource is furthest below what it wants, in the weeks in which it binds.
hospitals as (
    select
        runs.object_code,
        runs.first_week_start_date,
        runs.binding_constraint,
        demand.hospital_id,
        min(demand.hospital_name) as hospital_name,
        {{ total('demand.demand + demand.remake') }} as wanted,
        {{ total("case runs.binding_constraint when 'bed' then demand.bed_capacity else demand.chair_capacity end") }} as offered,
        min(demand.submission_ids) as submission_ids
    from runs
    inner join {{ ref('fct_plan_demand') }} as demand
        on runs.therapy_code = demand.therapy_code
        and runs.site_id = demand.site_id
        and demand.week_start_date between runs.first_growth_date and runs.last_growth_date
    inner join {{ ref('fct_aligned_plan') }} as plan
        on runs.therapy_code = plan.therapy_code
        and runs.site_id = plan.site_id
        and demand.week_start_date = plan.week_start_date
        and runs.binding_constraint = plan.binding_constraint
    where runs.binding_constraint in ('bed', 'chair')
    group by 1, 2, 3, 4
),

scarcest as (
    select
        hospitals.*,
        row_number() over (partition by object_code, first_week_start_date order by wanted - offered desc, hospital_id) as choice
    from hospitals
    where offered is not null and offered < wanted
),

causes as (
    select object_code, first_week_start_date, words, cause_date, hospital_id, submission_id, row_number, 0 as preference from shut
    union all
    select object_code, first_week_start_date, words, cause_date, hospital_id, submission_id, row_number, 0 as preference from grounded
    union all
    select
        object_code, first_week_start_date, words, cause_date, hospital_id, submission_id, row_number,
        case when words like '%rejected' then 0 else 1 end as preference
    from lots
    union all
    select
        object_code,
        first_week_start_date,
        concat(
            hospital_name, ' has ', case binding_constraint when 'bed' then 'beds' else 'apheresis chairs' end, ' for ',
            {{ plain_number('offered') }}, ' of the ', {{ plain_number('wanted') }}, ' patients it expects'
        ) as words,
        first_week_start_date as cause_date,
        hospital_id,
        cast(null as {{ dbt.type_string() }}) as submission_id,
        cast(null as bigint) as row_number,
        0 as preference
    from scarcest
    where choice = 1
)

select
    causes.*,
    row_number() over (partition by object_code, first_week_start_date order by preference, cause_date, words) as place
from causes
