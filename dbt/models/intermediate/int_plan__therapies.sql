-- What the plan takes from a therapy: the vector a start uses up, with the scrap that the bill of materials expects, and when and how
-- often a start comes again because its first pass failed.
with scrap as (
    select
        therapy_code,
        item_code,
        max(scrap_pct) as scrap_pct,
        {{ ids('submission_id') }} as submission_ids
    from {{ ref('stg_bill_of_materials') }}
    where is_current
    group by 1, 2
)

select
    therapies.therapy_code,
    therapies.therapy_name,
    therapies.vector_code,
    therapies.material_state,
    round(therapies.doses_per_batch * (1 + coalesce(scrap.scrap_pct, 0.0) / 100.0), 6) as doses_per_batch,
    therapies.first_pass_failure_pct as failure_pct,
    -- Failures are known when quality control is over, and start again in that week.
    cast(ceil((therapies.manufacture_days + therapies.qc_days) / 7.0) as integer) as remake_lag_weeks,
    therapies.manufacture_days,
    therapies.qc_days,
    therapies.return_days,
    {{ union_ids(lists=['scrap.submission_ids'], singles=['therapies.submission_id']) }} as submission_ids
from {{ ref('stg_therapy') }} as therapies
left join scrap on therapies.therapy_code = scrap.therapy_code and therapies.vector_code = scrap.item_code
where therapies.is_current
