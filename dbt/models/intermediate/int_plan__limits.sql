-- How many starts each stated resource allows in a week, the scarcest first. Where two allow the same, the one that is named first here.
with planned as (
    select
        frame.therapy_code,
        frame.site_id,
        frame.week_no,
        frame.slots,
        frame.courier_capacity,
        frame.chair_capacity,
        frame.bed_capacity,
        frame.container_capacity,
        served.vector_starts,
        served.material_starts
    from {{ ref('int_plan__frame') }} as frame
    inner join {{ ref('int_plan__served') }} as served
        on frame.therapy_code = served.therapy_code and frame.site_id = served.site_id and frame.week_no = served.week_no
),

limits as (
    {% for resource, column in [
        ('slot', 'slots'), ('vector', 'vector_starts'), ('courier', 'courier_capacity'), ('chair', 'chair_capacity'), ('bed', 'bed_capacity'),
        ('container', 'container_capacity'), ('material', 'material_starts')
    ] %}
    select therapy_code, site_id, week_no, '{{ resource }}' as resource, {{ loop.index }} as name_order, {{ column }} as starts
    from planned
    where {{ column }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    therapy_code,
    site_id,
    week_no,
    resource,
    starts,
    row_number() over (partition by therapy_code, site_id, week_no order by starts, name_order) as place
from limits
