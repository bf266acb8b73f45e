-- The state of each link of the chain in each week of a plant: red holds patients back, orange would be short next, green suffices,
-- not_stated limits nobody.
with served as (
    select
        served.therapy_code,
        served.site_id,
        served.week_no,
        frame.week_start_date,
        frame.iso_week,
        frame.bookings,
        frame.forecast_net,
        round(served.served + served.waiting, 6) as wanted,
        served.served,
        served.waiting,
        served.waiting > 0.005 as is_short
    from {{ ref('int_plan__served') }} as served
    inner join {{ ref('int_plan__frame') }} as frame
        on served.therapy_code = frame.therapy_code and served.site_id = frame.site_id and served.week_no = frame.week_no
),

states as (
    select
        limits.therapy_code,
        limits.site_id,
        limits.week_no,
        limits.resource,
        case
            when not served.is_short then 'green'
            when limits.place = 1 then 'red'
            when limits.starts < served.wanted - 0.005 then 'orange'
            else 'green'
        end as state
    from {{ ref('int_plan__limits') }} as limits
    inner join served
        on limits.therapy_code = served.therapy_code and limits.site_id = served.site_id and limits.week_no = served.week_no
),

chains as (
    select
        therapy_code,
        site_id,
        week_no,
        max(case when state = 'red' then resource end) as red_link
        {%- for code, name in chain_links() %},
        coalesce(max(case when resource = '{{ code }}' then state end), 'not_stated') as {{ code }}_state
        {%- endfor %}
    from states
    group by 1, 2, 3
)

select
    served.*,
    chains.red_link
    {%- for code, name in chain_links() %},
    chains.{{ code }}_state
    {%- endfor %}
from served
inner join chains
    on served.therapy_code = chains.therapy_code and served.site_id = chains.site_id and served.week_no = chains.week_no
