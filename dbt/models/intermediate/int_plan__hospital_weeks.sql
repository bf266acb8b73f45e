-- Everyone who may start at a plant, in every week from the first one that an agreement covers: a hospital whose agreement moves to
-- another plant keeps, at the old one, the patients that wait there. And the rule by which the plant's starts are shared: that of
-- the agreements; where they name different ones, first in first out.
with stated as (
    select hospital_id, therapy_code, site_id, week_no, demand, opening_backlog, prior_starts, link_demand, quota_pct, allocation_rule
    from {{ ref('int_plan__hospital_demand') }}
    union all
    -- Patients whom a decision brings to another week or plant: there they stand in line as everybody does, and have no share of their own.
    select
        hospital_id,
        therapy_code,
        site_id,
        week_no,
        patients as demand,
        0.0 as opening_backlog,
        0.0 as prior_starts,
        0.0 as link_demand,
        cast(null as double) as quota_pct,
        cast(null as {{ dbt.type_string() }}) as allocation_rule
    from {{ ref('int_decisions__moves') }}
),

hospitals as (
    select
        hospital_id,
        therapy_code,
        site_id,
        week_no,
        sum(demand) as demand,
        sum(opening_backlog) as opening_backlog,
        sum(prior_starts) as prior_starts,
        max(link_demand) as link_demand,
        max(quota_pct) as quota_pct,
        max(allocation_rule) as allocation_rule
    from stated
    group by 1, 2, 3, 4
),

pairs as (
    select
        hospital_id,
        therapy_code,
        site_id,
        min(week_no) as first_week_no,
        max(link_demand) as link_demand,
        max(quota_pct) as quota_pct,
        min(allocation_rule) as first_rule,
        max(allocation_rule) as last_rule
    from hospitals
    group by 1, 2, 3
),

-- Shares of the plant's starts: quotas are cut to 100 % together; where no agreement states one, they are equal. A hospital without one
-- among others with one has none.
shares as (
    select
        pairs.*,
        coalesce(min(first_rule) over plants = max(last_rule) over plants, false) as is_one_rule,
        min(first_rule) over plants as plant_rule,
        coalesce(link_demand / nullif({{ total('link_demand', over='plants') }}, 0.0), 1.0 / count(*) over plants) as forecast_share,
        case
            when count(quota_pct) over plants = 0 then 1.0 / count(*) over plants
            else coalesce(quota_pct, 0.0) / greatest(sum(quota_pct) over plants, 100.0)
        end as quota_share
    from pairs
    window plants as (partition by therapy_code, site_id)
)

select
    shares.hospital_id,
    shares.therapy_code,
    shares.site_id,
    weeks.week_no,
    weeks.week_start_date,
    weeks.iso_week,
    case when shares.is_one_rule then shares.plant_rule else 'fifo' end as allocation_rule,
    shares.forecast_share,
    case when shares.is_one_rule and shares.plant_rule = 'quota' then shares.quota_share else shares.forecast_share end as share,
    coalesce(hospitals.demand, 0.0) as demand,
    coalesce(hospitals.opening_backlog, 0.0) as opening_backlog,
    coalesce(hospitals.prior_starts, 0.0) as prior_starts
from shares
inner join {{ ref('int_plan__weeks') }} as weeks on shares.first_week_no <= weeks.week_no
left join hospitals
    on shares.hospital_id = hospitals.hospital_id
    and shares.therapy_code = hospitals.therapy_code
    and shares.site_id = hospitals.site_id
    and weeks.week_no = hospitals.week_no
