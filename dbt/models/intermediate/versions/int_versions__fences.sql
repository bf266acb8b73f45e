-- The sub-horizons that hold for a hospital, therapy and plant, in weeks from the planning week (0): those of the agreement, and the ones below
-- where nobody has stated any.
with links as (
    select
        hospital_id,
        therapy_code,
        site_id,
        agreement_id,
        row_number() over (partition by hospital_id, therapy_code, site_id order by week_no) as choice
    from {{ ref('int_plan__links') }}
),

agreed as (
    select * from {{ ref('int_agreements__fences') }}
),

stated as (
    select distinct agreement_id from agreed
),

fallback as (
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
)

select
    links.hospital_id,
    links.therapy_code,
    links.site_id,
    cast(agreed.fence_no as bigint) as fence_no,
    agreed.kind as fence_kind,
    cast(agreed.first_week_no as bigint) as from_week,
    cast(agreed.last_week_no as bigint) as to_week,
    cast(agreed.increase_pct as double) as increase_pct,
    cast(agreed.decrease_pct as double) as decrease_pct,
    cast(agreed.change_absolute as double) as change_absolute,
    agreed.submission_ids
from links
inner join agreed on links.agreement_id = agreed.agreement_id
where links.choice = 1
union all
select
    links.hospital_id,
    links.therapy_code,
    links.site_id,
    fallback.fence_no,
    fallback.fence_kind,
    fallback.from_week,
    fallback.to_week,
    fallback.increase_pct,
    fallback.decrease_pct,
    fallback.change_absolute,
    {{ union_ids() }} as submission_ids
from links
left join stated on links.agreement_id = stated.agreement_id
cross join fallback
where links.choice = 1 and stated.agreement_id is null
