-- The chain of links of a plant's own weeks, over all its hospitals together: what it says of them is what its plan says.
with chains as (
    select * from {{ ref('int_plan__week_links') }}
)

select
    plan.plant_partner_id as partner_id,
    plan.therapy_code,
    plan.therapy_name,
    plan.site_id,
    plan.plant_name,
    plan.week_start_date,
    plan.iso_week,
    chains.wanted,
    chains.served,
    chains.waiting,
    chains.red_link
    {%- for code, name in chain_links() %},
    chains.{{ code }}_state
    {%- endfor %},
    concat(
        {{ plain_number('chains.bookings') }}, ' booked, ', {{ plain_number('chains.forecast_net') }}, ' forecast'
        {%- for code, name in chain_links() %},
        '; ', {{ link_words(name, 'chains.' ~ code ~ '_state') }}
        {%- endfor %},
        '.'
    ) as explanation,
    plan.submission_ids
from {{ ref('fct_aligned_plan') }} as plan
inner join chains
    on plan.therapy_code = chains.therapy_code and plan.site_id = chains.site_id and plan.week_start_date = chains.week_start_date
