-- The sub-horizons that hold for a hospital, therapy and plant, in weeks from the planning week. Until an agreement says otherwise these are
-- the network's standard ones.
with fences as (
    {%- for fence in standard_fences() %}
    select
        cast({{ loop.index }} as bigint) as fence_no,
        '{{ fence.kind }}' as fence_kind,
        cast({{ fence.from_week }} as bigint) as from_week,
        cast({{ fence.to_week if fence.to_week is not none else 'null' }} as bigint) as to_week,
        cast({{ fence.increase_pct if fence.increase_pct is not none else 'null' }} as double) as increase_pct,
        cast({{ fence.decrease_pct if fence.decrease_pct is not none else 'null' }} as double) as decrease_pct,
        cast({{ fence.change_absolute if fence.change_absolute is not none else 'null' }} as double) as change_absolute
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

pairs as (
    select distinct hospital_id, therapy_code, site_id from {{ ref('int_versions__links') }}
)

select pairs.hospital_id, pairs.therapy_code, pairs.site_id, fences.*
from pairs
cross join fences
