with measured as (
    select * from {{ ref('kpi_vein_to_vein') }}
    union all
    select * from {{ ref('kpi_vein_to_door') }}
    union all
    select * from {{ ref('kpi_turnaround') }}
    union all
    select * from {{ ref('kpi_quality') }}
    union all
    select * from {{ ref('kpi_on_time') }}
    union all
    select * from {{ ref('kpi_drop_out') }}
    union all
    select * from {{ ref('kpi_slots') }}
    union all
    select * from {{ ref('kpi_plan_quality') }}
)

select
    measured.kpi_code,
    definitions.kpi_name,
    definitions.definition,
    definitions.unit,
    definitions.direction,
    measured.period_kind,
    measured.period_start_date,
    case measured.period_kind
        when 'all' then 'all'
        when 'quarter' then {{ quarter_label('measured.period_start_date') }}
        else substr(cast(measured.period_start_date as {{ dbt.type_string() }}), 1, 7)
    end as period_label,
    measured.slice_kind,
    measured.slice_value,
    measured.value,
    measured.completed_only_value,
    measured.km_value,
    measured.n,
    measured.n_open,
    measured.lower,
    measured.upper,
    measured.interval_method,
    definitions.censoring_rule,
    definitions.percentile_method,
    targets.target,
    targets.target_set_by,
    benchmarks.benchmark_low,
    benchmarks.benchmark_high,
    coalesce(benchmarks.benchmark_source, 'no published benchmark') as benchmark_source,
    measured.submission_ids
from measured
inner join {{ ref('kpi_definitions') }} as definitions on measured.kpi_code = definitions.kpi_code
left join {{ ref('kpi_targets') }} as targets on measured.kpi_code = targets.kpi_code
left join {{ ref('kpi_benchmarks') }} as benchmarks on measured.kpi_code = benchmarks.kpi_code
