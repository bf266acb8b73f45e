-- The fences of each agreement: its own, or else the standard ones, moved to the weeks in which the agreement is frozen and binds.
with agreed as (
    {{ agreed('agreement_fence') }}
),

own as (
    select distinct agreement_id from agreed
),

terms as (
    select agreement_id, frozen_weeks, binding_weeks from {{ ref('int_agreements__terms') }}
),

stated as (
    select agreed.agreement_id, agreed.agreement_id as stated_by, agreed.fence_no, agreed.from_week, agreed.to_week, agreed.kind,
        agreed.increase_pct, agreed.decrease_pct, agreed.change_absolute, agreed.tolerance_pct, agreed.tolerance_absolute, agreed.submission_id
    from agreed
),

inherited as (
    select
        terms.agreement_id,
        standard.agreement_id as stated_by,
        standard.fence_no,
        -- The standard terms have one frozen and one binding fence at most.
        case standard.kind
            when 'frozen' then 1
            when 'binding' then terms.frozen_weeks + 1
            else greatest(standard.from_week, terms.binding_weeks + 1)
        end as from_week,
        case standard.kind when 'frozen' then terms.frozen_weeks when 'binding' then terms.binding_weeks else standard.to_week end as to_week,
        standard.kind,
        standard.increase_pct,
        standard.decrease_pct,
        standard.change_absolute,
        standard.tolerance_pct,
        standard.tolerance_absolute,
        standard.submission_id
    from terms
    inner join agreed as standard on standard.agreement_id = {{ standard() }}
    left join own on terms.agreement_id = own.agreement_id
    where own.agreement_id is null
),

-- Where an agreement binds for fewer weeks than the standard one, the fence behind begins sooner.
closed_up as (
    select
        inherited.*,
        coalesce(lag(to_week) over (partition by agreement_id order by fence_no) + 1, 1) as next_week
    from inherited
    where to_week is null or to_week >= from_week
),

united as (
    select * from stated
    union all
    select
        agreement_id, stated_by, fence_no, least(from_week, next_week) as from_week, to_week, kind, increase_pct, decrease_pct,
        change_absolute, tolerance_pct, tolerance_absolute, submission_id
    from closed_up
)

select
    agreement_id,
    fence_no,
    from_week,
    to_week,
    -- The plan counts its weeks from 0, and the last fence reaches as far as anyone looks.
    from_week - 1 as first_week_no,
    coalesce(to_week, 157) - 1 as last_week_no,
    kind,
    increase_pct,
    decrease_pct,
    change_absolute,
    tolerance_pct,
    tolerance_absolute,
    stated_by,
    {{ union_ids(singles=['submission_id']) }} as submission_ids
from united
