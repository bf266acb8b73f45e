-- kpi_outside_band: the newest quarter of the network with at least 20 observations is worse than the band of published values, and its
-- interval, where it has one, does not reach into the band.
with quarters as (
    select
        kpis.*,
        row_number() over (partition by kpi_code order by period_start_date desc) as choice
    from {{ ref('fct_kpis') }} as kpis
    where slice_kind = 'network' and period_kind = 'quarter' and n >= 20 and value is not null
)

select
    'kpi_outside_band' as criterion_code,
    'kpi_outside_band' as key_code,
    'kpi' as object_kind,
    kpi_code as object_code,
    'standing' as week_kind,
    {{ planning_week() }} as week_start_date,
    {{ planning_week() }} as last_week_start_date,
    cast(null as {{ dbt.type_string() }}) as therapy_code,
    cast(null as {{ dbt.type_string() }}) as site_id,
    cast(null as {{ dbt.type_string() }}) as hospital_id,
    cast(null as {{ dbt.type_string() }}) as owning_partner_id,
    cast(null as double) as measure,
    case direction when 'lower' then value - benchmark_high else benchmark_low - value end as figure,
    0.0 as patients,
    0.0 as days,
    concat(kpi_name, ' is ', {{ plain_number('value') }}, ' ', unit, ' in ', period_label, ', outside the published band') as title,
    concat({{ plain_number('value') }}, ' ', unit, ' from ', cast(n as {{ dbt.type_string() }}), ' observations') as ours_words,
    concat('Published: ', {{ plain_number('benchmark_low') }}, ' to ', {{ plain_number('benchmark_high') }}, ' ', unit) as theirs_words,
    benchmark_source as reason,
    submission_ids
from quarters
where
    choice = 1
    and (
        (direction = 'lower' and coalesce(lower, value) > benchmark_high)
        or (direction = 'higher' and coalesce(upper, value) < benchmark_low)
    )
