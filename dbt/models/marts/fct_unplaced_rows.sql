-- Rows that were accepted and that no plan can use. A row has one reason, the first that holds: whose site, which therapy, when, by
-- which agreement.
with sites as (
    select distinct site_id from {{ ref('stg_site') }} where is_current
),

therapies as (
    select distinct therapy_code from {{ ref('stg_therapy') }} where is_current
),

agreements as (
    select * from {{ ref('stg_agreement') }} where is_current
),

-- Without any list of sites or therapies nothing can be held against it.
stated as (
    select
        rows_stated.feed,
        rows_stated.partner_id,
        rows_stated.submission_id,
        rows_stated.stated_rows,
        rows_stated.first_row_number,
        case
            when not rows_stated.is_own and sites.site_id is not null then 'other_partners_site'
            when not rows_stated.is_own then 'unknown_site'
            when
                rows_stated.therapy_code is not null and therapies.therapy_code is null and (select count(*) from therapies) > 0
                then 'unknown_therapy'
            when rows_stated.is_far_ahead then 'too_far_ahead'
        end as reason_code,
        rows_stated.site_id,
        rows_stated.therapy_code,
        rows_stated.last_date
    from {{ ref('int_rows__stated') }} as rows_stated
    left join sites on rows_stated.site_id = sites.site_id
    left join therapies on rows_stated.therapy_code = therapies.therapy_code
),

not_agreed as (
    select
        'demand_forecast' as feed,
        forecasts.sender_partner_id as partner_id,
        forecasts.submission_id,
        count(*) as stated_rows,
        min(forecasts.row_number) as first_row_number,
        'no_agreement' as reason_code,
        forecasts.therapy_code as example_value
    from {{ ref('stg_demand_forecast') }} as forecasts
    inner join therapies on forecasts.therapy_code = therapies.therapy_code
    left join agreements
        on forecasts.hospital_id = agreements.hospital_id
        and forecasts.therapy_code = agreements.therapy_code
        and agreements.valid_from_date <= {{ add_days('forecasts.week_start_date', 6) }}
        and (agreements.valid_to_date is null or agreements.valid_to_date >= forecasts.week_start_date)
    where
        forecasts.is_current
        and forecasts.patients > 0
        and forecasts.week_start_date >= {{ planning_week() }}
        and forecasts.week_start_date < {{ add_days(planning_date(), 'cast(5 * 365.25 as integer)') }}
        and agreements.agreement_id is null
    group by 2, 3, 7
),

unplaced as (
    select
        feed,
        partner_id,
        submission_id,
        stated_rows,
        first_row_number,
        reason_code,
        case reason_code
            when 'unknown_therapy' then therapy_code
            when 'too_far_ahead' then cast(last_date as {{ dbt.type_string() }})
            else site_id
        end as example_value
    from stated
    where reason_code is not null
    union all
    select feed, partner_id, submission_id, stated_rows, first_row_number, reason_code, example_value from not_agreed
),

counted as (
    select
        submission_id,
        feed,
        partner_id,
        reason_code,
        cast(sum(stated_rows) as bigint) as unplaced_rows,
        min(first_row_number) as first_row_number,
        min(example_value) as example_value,
        count(distinct example_value) as examples
    from unplaced
    group by 1, 2, 3, 4
)

select
    submission_id,
    feed,
    partner_id,
    reason_code,
    concat(
        example_value,
        case when examples > 1 then concat(' (and ', cast(examples - 1 as {{ dbt.type_string() }}), ' more)') else '' end,
        -- The other partner is not named: who runs which site is not for everybody.
        case reason_code
            when 'other_partners_site' then ' belongs to another partner; you may only plan for your own sites.'
            when 'unknown_site' then ' is not on the list of sites; check the number, or ask the operator to add your site.'
            when 'unknown_therapy' then ' is not on the list of therapies; check the code, or ask the operator to add it.'
            when 'too_far_ahead' then ' is more than five years ahead; check the year.'
            else ' has no agreement with a plant in these weeks; ask the operator.'
        end
    ) as reason,
    unplaced_rows as rows,
    first_row_number,
    example_value,
    {{ union_ids(singles=['submission_id']) }} as submission_ids
from counted
