-- What partners state about their sites and therapies, for asking what nobody can place. Only what still speaks: the newest version of
-- a row, of this week or later where the feed states a plan; and of a restated plan only the file in force.
{%- set feeds = [
    'apheresis_schedule', 'batch_disposition', 'batch_milestone', 'capacity_commit', 'case_order', 'collection', 'demand_forecast', 'deviation',
    'infusion_capacity', 'inspection', 'line_calendar', 'raw_material_inventory', 'site_qualification', 'slot_plan', 'treatment_event',
    'vector_inventory', 'vector_supply_plan'
] %}

with stated as (
    {%- for feed in feeds %}
    {%- set rows = ref('stg_' ~ feed) %}
    {%- if execute %}
    {%- set terms = feed_terms(feed) %}
    {%- set therapy = 'therapy_code' if 'therapy_code' in terms.columns else 'cast(null as varchar)' %}
    {%- set period = terms.period or 'cast(null as date)' %}
    select
        cast('{{ feed }}' as {{ dbt.type_string() }}) as feed,
        sender_partner_id as partner_id,
        submission_id,
        {{ terms.owner_site }} as site_id,
        {{ therapy }} as therapy_code,
        is_own,
        {{ 'true' if terms.delivery == 'snapshot' else 'false' }} as is_plan,
        coalesce({{ period }} >= {{ add_days(planning_date(), 'cast(5 * 365.25 as integer)') }}, false) as is_far_ahead,
        max({{ period }}) as last_date,
        min(stated_at) as stated_at,
        count(*) as stated_rows,
        min(row_number) as first_row_number
    from {{ rows }}
    where version_rank = 1 {% if terms.period %}and {{ period }} >= {{ planning_week() }}{% endif %}
    group by 1, 2, 3, 4, 5, 6, 7, 8
    {% if not loop.last %}union all{% endif %}
    {%- endif %}
    {%- endfor %}
),

-- A corrected file cannot push aside what it does not mention: rows of other sites and of a mistyped year speak only while their file
-- states anything else that is in force, or is the newest of its sender.
files as (
    select
        feed,
        submission_id,
        bool_or(is_own and not is_far_ahead) as has_own,
        min(stated_at) = max(min(stated_at)) over (partition by feed, partner_id) as is_newest
    from stated
    group by feed, partner_id, submission_id
)

select stated.*
from stated
inner join files on stated.feed = files.feed and stated.submission_id = files.submission_id
where files.has_own or files.is_newest or not stated.is_plan
