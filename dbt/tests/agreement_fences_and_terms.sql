-- An agreement whose own fences freeze or bind other weeks than its terms say: one of the two is a slip.
{{ config(severity='warn') }}
with fences as (
    select
        agreement_id,
        max(case when kind = 'frozen' then to_week else 0 end) as frozen_weeks,
        max(case when kind in ('frozen', 'binding') then to_week else 0 end) as binding_weeks
    from {{ ref('int_agreements__fences') }}
    where stated_by = agreement_id
    group by 1
)

select terms.agreement_id, terms.frozen_weeks, terms.binding_weeks
from {{ ref('int_agreements__terms') }} as terms
inner join fences on terms.agreement_id = fences.agreement_id
where terms.frozen_weeks <> fences.frozen_weeks or terms.binding_weeks <> fences.binding_weeks
