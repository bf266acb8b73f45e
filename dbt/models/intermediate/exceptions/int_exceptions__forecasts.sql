-- forecast_change_beyond_flex, change_in_frozen_period, forecast_against_baseline: what a hospital says now, against what it said and against
-- what came of it. Therapies of one hospital are one exception: whoever answers for them is the same.
with limits as (
    select * from {{ ref('poisson_limits') }}
),

places as (
    select * from {{ ref('int_sites__named') }}
),

breaches as (
    select
        case fence_kind when 'frozen' then 'change_in_frozen_period' else 'forecast_change_beyond_flex' end as criterion_code,
        hospital_id,
        min(hospital_name) as hospital_name,
        max(latest_date) as latest_date,
        {{ total('latest') }} as latest,
        {{ total('previous') }} as previous,
        {{ total('abs(absolute_change)') }} as changed,
        min(first_week_start_date) as first_week_start_date,
        max(last_week_start_date) as last_week_start_date,
        {{ all_ids('submission_ids') }} as submission_ids
    from {{ ref('fct_forecast_changes') }}
    where is_breach
    group by 1, 2
),

-- Inside the frozen weeks a whole patient counts, whoever knows the mean; beyond them a change has to be more than chance.
changes as (
    select breaches.*
    from breaches
    {{ joins_poisson_limits('breaches.previous', 'limits') }}
    where
        (criterion_code = 'change_in_frozen_period' and abs(latest - previous) >= 1)
        or (criterion_code <> 'change_in_frozen_period' and {{ is_beyond_chance('latest', 'previous', 'limits') }})
),

-- Four weeks ahead, over the last 26 full weeks: what was forecast, and what was collected.
past as (
    select
        hospital_id,
        {{ total('forecast') }} as forecast,
        {{ total('actual') }} as actual,
        {{ all_ids('submission_ids') }} as submission_ids
    from {{ ref('int_versions__cells') }}
    where lag_weeks = 4 and forecast is not null
    group by 1
),

ahead as (
    select hospital_id, {{ total('patients') }} as patients
    from {{ ref('stg_demand_forecast') }}
    where
        is_current
        and week_start_date >= {{ planning_week() }}
        and week_start_date < {{ add_days(planning_week(), '7 * ' ~ var('horizon_weeks')) }}
    group by 1
),

biased as (
    select
        past.*,
        100.0 * (past.forecast - past.actual) / nullif(past.actual, 0) as bias_pct,
        -- The part of what it forecasts now that will not come, or that will come on top.
        abs(ahead.patients * (1 - past.actual / past.forecast)) as patients
    from past
    inner join ahead on past.hospital_id = ahead.hospital_id
    {{ joins_poisson_limits('past.actual', 'limits') }}
    where past.forecast > 0 and {{ is_beyond_chance('past.forecast', 'past.actual', 'limits') }}
)

select
    changes.criterion_code,
    changes.criterion_code as key_code,
    'hospital' as object_kind,
    changes.hospital_id as object_code,
    'fixed' as week_kind,
    {{ week_start('changes.latest_date') }} as week_start_date,
    changes.last_week_start_date,
    cast(null as {{ dbt.type_string() }}) as therapy_code,
    cast(null as {{ dbt.type_string() }}) as site_id,
    changes.hospital_id,
    places.partner_id as owning_partner_id,
    cast(null as double) as measure,
    changes.changed as figure,
    round(changes.changed, 6) as patients,
    7.0 as days,
    concat(
        changes.hospital_name, ' moved its forecast from ', {{ plain_number('changes.previous') }}, ' to ', {{ plain_number('changes.latest') }},
        ' patients ', {{ span_words('changes.first_week_start_date', 'changes.last_week_start_date') }},
        case criterion_code when 'change_in_frozen_period' then ', inside the frozen weeks' else ', more than the agreement allows' end
    ) as title,
    concat('Forecast of ', cast(changes.latest_date as {{ dbt.type_string() }}), ': ', {{ plain_number('changes.latest') }}) as ours_words,
    concat('Forecast before: ', {{ plain_number('changes.previous') }}) as theirs_words,
    'The newest forecast differs from the one it replaced by more than its fence allows.' as reason,
    changes.submission_ids
from changes
left join places on changes.hospital_id = places.site_id
union all
select
    'forecast_against_baseline' as criterion_code,
    'forecast_against_baseline' as key_code,
    'hospital' as object_kind,
    biased.hospital_id as object_code,
    'standing' as week_kind,
    {{ planning_week() }} as week_start_date,
    {{ planning_week() }} as last_week_start_date,
    cast(null as {{ dbt.type_string() }}) as therapy_code,
    cast(null as {{ dbt.type_string() }}) as site_id,
    biased.hospital_id,
    places.partner_id as owning_partner_id,
    coalesce(abs(biased.bias_pct), 1000.0) as measure,
    biased.patients as figure,
    round(biased.patients, 6) as patients,
    -- Each of them holds a start for a week that somebody else could have had, or lacks one.
    7.0 as days,
    concat(
        places.site_name, ' forecasts ', {{ plain_number('abs(biased.bias_pct)') }}, ' % ',
        case when biased.forecast > biased.actual then 'more' else 'fewer' end, ' patients than come: about ',
        {{ patients_words('biased.patients') }}, case when biased.forecast > biased.actual then ' too many' else ' too few' end, ' in this plan'
    ) as title,
    concat('Forecast four weeks ahead, last 26 weeks: ', {{ patients_words('biased.forecast') }}) as ours_words,
    concat('Collected in those weeks: ', {{ patients_words('biased.actual') }}) as theirs_words,
    'The error is steady and more than chance (exact Poisson limits, 95 %, below 20 patients; the agreed per cent from there on).' as reason,
    biased.submission_ids
from biased
left join places on biased.hospital_id = places.site_id
