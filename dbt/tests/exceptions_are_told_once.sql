-- The same cause is told once: no week of a therapy and plant lies in two runs, none is short of vector under two names, none of slots either,
-- and no partner has two exceptions about the same files.
with open_now as (
    select * from {{ ref('fct_exceptions') }} where state <> 'cleared'
),

told as (
    select
        concat(runs.exception_key, ' and ', others.exception_key) as twice
    from open_now as runs
    inner join open_now as others
        on runs.object_code = others.object_code
        and runs.exception_key < others.exception_key
        and (
            (runs.criterion_code = others.criterion_code and runs.object_kind <> 'plant')
            or (
                runs.exception_key like 'bottleneck|%'
                and others.exception_key like 'bottleneck|%'
                and runs.first_week_start_date <= others.last_week_start_date
                and others.first_week_start_date <= runs.last_week_start_date
            )
            or (runs.reason like 'Held back by vector%' and others.criterion_code = 'vector_cover_low')
            or (runs.reason like 'Held back by slots%' and others.criterion_code = 'forecast_against_commit')
        )
)

select twice from told
