-- Who makes for whom, week by week: the agreement in force in the week of collection, the lane it travels, and the lead times that
-- shift a week of collection to a week of start and a week of start to a week of infusion.
with agreements as (
    select * from {{ ref('int_agreements__terms') }}
),

therapies as (
    select * from {{ ref('int_plan__therapies') }}
),

lanes as (
    select * from {{ ref('stg_lane') }} where is_current
),

-- The agreed courier's lane; where it has none, the fastest lane that anyone serves.
agreed_lanes as (
    select
        agreements.agreement_id,
        lanes.lane_id,
        lanes.transit_hours_p90 + lanes.customs_hours as transit_hours,
        lanes.submission_id,
        row_number() over (
            partition by agreements.agreement_id
            order by
                case when lanes.courier_partner_id = agreements.courier_partner_id then 0 else 1 end,
                lanes.transit_hours_p90 + lanes.customs_hours,
                lanes.lane_id
        ) as choice
    from agreements
    inner join lanes on agreements.hospital_id = lanes.from_site_id and agreements.site_id = lanes.to_site_id
),

lead_times as (
    select
        agreements.*,
        agreed_lanes.lane_id,
        agreed_lanes.transit_hours,
        therapies.vector_code,
        therapies.doses_per_batch,
        coalesce(cast(ceil(agreed_lanes.transit_hours / 24.0) as integer), 1) + {{ var('receipt_days') }} as lead_time_days,
        cast(
            therapies.manufacture_days + therapies.qc_days + therapies.return_days + {{ var('bed_wait_days') }} as integer
        ) as start_to_infusion_days,
        therapies.manufacture_days + therapies.qc_days as start_to_return_days,
        {{ union_ids(lists=['therapies.submission_ids'], singles=['agreements.submission_id', 'agreed_lanes.submission_id']) }} as submission_ids
    from agreements
    inner join therapies on agreements.therapy_code = therapies.therapy_code
    left join agreed_lanes on agreements.agreement_id = agreed_lanes.agreement_id and agreed_lanes.choice = 1
),

shifted as (
    select
        lead_times.*,
        weeks.week_no,
        weeks.week_start_date,
        weeks.iso_week,
        {{ add_days('weeks.week_start_date', '-7 * floor((lead_times.lead_time_days + ' ~ var('collection_day_of_week') ~ ') / 7.0)') }}
            as collection_week_start_date,
        {{ add_days('weeks.week_start_date', '7 * floor(lead_times.start_to_infusion_days / 7.0)') }} as infusion_week_start_date,
        {{ add_days('weeks.week_start_date', '7 * floor(lead_times.start_to_return_days / 7.0)') }} as return_week_start_date
    from lead_times
    cross join {{ ref('int_plan__weeks') }} as weeks
),

in_force as (
    select
        shifted.*,
        row_number() over (
            partition by hospital_id, therapy_code, week_no order by valid_from_date desc, agreement_id
        ) as choice
    from shifted
    where
        valid_from_date <= {{ add_days('collection_week_start_date', 6) }}
        and (valid_to_date is null or valid_to_date >= collection_week_start_date)
)

select
    hospital_id,
    therapy_code,
    site_id,
    week_no,
    week_start_date,
    iso_week,
    collection_week_start_date,
    infusion_week_start_date,
    return_week_start_date,
    agreement_id,
    courier_partner_id,
    lane_id,
    transit_hours,
    vector_code,
    doses_per_batch,
    lead_time_days,
    -- From the Monday on which the week of start came within the frozen weeks, the forecast of its collection week stands.
    week_no < frozen_weeks as is_frozen,
    {{ add_days(planning_week(), '7 * (week_no - frozen_weeks + 1)') }} as frozen_date,
    allocation_rule,
    netting_early_weeks,
    netting_late_weeks,
    quota_pct,
    load_factor,
    submission_ids
from in_force
where choice = 1
