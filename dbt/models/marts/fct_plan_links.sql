-- Why not planned: the chain of links of each hospital's week, and the one that holds its patients back. A forecast that no agreement
-- sends to a plant has no chain: there the agreement is the red link.
with demand as (
    select * from {{ ref('fct_plan_demand') }}
),

chains as (
    select * from {{ ref('int_plan__week_links') }}
),

sites as (
    select * from {{ ref('int_sites__named') }}
),

planned as (
    select
        demand.hospital_id,
        demand.hospital_name,
        demand.hospital_partner_id,
        demand.therapy_code,
        demand.site_id,
        demand.plant_name,
        demand.plant_partner_id,
        demand.collection_week_start_date,
        demand.week_start_date,
        demand.iso_week,
        demand.bookings,
        demand.forecast_net,
        round(demand.served + demand.waiting, 6) as wanted,
        demand.served,
        demand.waiting,
        demand.reason,
        demand.waiting > 0.005 as waits,
        -- A week that is not short as a whole may still make somebody wait: by the rule of the agreement.
        case when demand.waiting > 0.005 then coalesce(chains.red_link, 'allocation') end as red_link
        {%- for code, name in chain_links() %},
        case when demand.waiting > 0.005 or chains.{{ code }}_state = 'not_stated' then chains.{{ code }}_state else 'green' end as {{ code }}_state
        {%- endfor %},
        demand.submission_ids
    from demand
    inner join chains
        on demand.therapy_code = chains.therapy_code and demand.site_id = chains.site_id and demand.week_start_date = chains.week_start_date
),

without_agreement as (
    select
        forecasts.hospital_id,
        forecasts.therapy_code,
        forecasts.collection_week_start_date,
        forecasts.forecast_gross,
        forecasts.submission_ids
    from {{ ref('int_plan__forecasts') }} as forecasts
    left join {{ ref('int_plan__links') }} as links
        on forecasts.hospital_id = links.hospital_id
        and forecasts.therapy_code = links.therapy_code
        and forecasts.collection_week_start_date = links.collection_week_start_date
    where
        links.hospital_id is null
        and forecasts.forecast_gross > 0
        and forecasts.collection_week_start_date >= {{ planning_week() }}
        -- The last weeks of a forecast reach beyond the plan where a lane takes a week.
        and forecasts.collection_week_start_date < {{ add_days(planning_week(), 7 * (var('horizon_weeks') - 1)) }}
)

select
    hospital_id,
    hospital_name,
    hospital_partner_id,
    therapy_code,
    site_id,
    plant_name,
    plant_partner_id,
    collection_week_start_date,
    week_start_date,
    iso_week,
    wanted,
    served,
    waiting,
    red_link,
    case when wanted > 0.005 then 'green' else 'not_stated' end as forecast_state
    {%- for code, name in chain_links() %},
    {{ code }}_state
    {%- endfor %},
    concat(
        case
            when wanted <= 0.005 then 'Nobody is expected'
            else concat({{ plain_number('bookings') }}, ' booked, ', {{ plain_number('forecast_net') }}, ' forecast')
        end
        {%- for code, name in chain_links() %},
        '; ', {{ link_words(name, code ~ '_state') }}
        {%- endfor %},
        '.', case when waits then concat(' ', reason) else '' end
    ) as explanation,
    submission_ids
from planned
union all
select
    gone.hospital_id,
    sites.site_name as hospital_name,
    sites.partner_id as hospital_partner_id,
    gone.therapy_code,
    cast(null as {{ dbt.type_string() }}) as site_id,
    cast(null as {{ dbt.type_string() }}) as plant_name,
    cast(null as {{ dbt.type_string() }}) as plant_partner_id,
    gone.collection_week_start_date,
    gone.collection_week_start_date as week_start_date,
    {{ iso_week('gone.collection_week_start_date') }} as iso_week,
    gone.forecast_gross as wanted,
    0.0 as served,
    gone.forecast_gross as waiting,
    'agreement' as red_link,
    'green' as forecast_state
    {%- for code, name in chain_links() %},
    'not_stated' as {{ code }}_state
    {%- endfor %},
    concat({{ plain_number('gone.forecast_gross') }}, ' forecast; no agreement says which plant makes ', gone.therapy_code, ' for this hospital in this week.')
        as explanation,
    gone.submission_ids
from without_agreement as gone
left join sites on gone.hospital_id = sites.site_id
