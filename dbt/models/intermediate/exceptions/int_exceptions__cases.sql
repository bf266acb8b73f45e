-- authorisation_expires_early, no_show_with_open_bookings, promise_moved, hold_margin_low, identity_mismatch: what concerns single patients
-- and shipments. Cases are named by their pseudonym.
with places as (
    select * from {{ ref('int_sites__named') }}
),

steps as (
    select * from {{ ref('int_cases__steps') }}
),

-- The infusion that is planned now, for a case that still waits for its start.
authorised as (
    select
        links.case_id,
        links.hospital_id,
        links.hospital_partner_id,
        links.hospital_name,
        links.therapy_code,
        links.authorisation_expires_date as expires_date,
        {{ add_days(
            'greatest(coalesce(links.booked_start_date, ' ~ planning_date() ~ '), ' ~ planning_date() ~ ')',
            'therapies.manufacture_days + therapies.qc_days + therapies.return_days + ' ~ var('bed_wait_days')
        ) }} as infusion_date,
        links.submission_ids
    from {{ ref('fct_case_links') }} as links
    inner join {{ ref('int_plan__therapies') }} as therapies on links.therapy_code = therapies.therapy_code
    where links.authorisation_state = 'red' and links.authorisation_expires_date is not null
),

appointments as (
    select
        case_id,
        sender_partner_id,
        max(case when status = 'noshow' then start_at end) as missed_at,
        max(case when status in ('proposed', 'pending', 'booked', 'waitlist', 'arrived', 'checked-in', 'fulfilled') then start_at end) as kept_at,
        {{ ids('submission_id') }} as submission_ids
    from {{ ref('stg_apheresis_schedule') }}
    where is_current
    group by 1, 2
),

still_booked as (
    select case_id, 'slot' as kind, site_id, submission_id
    from {{ ref('stg_slot_plan') }}
    where is_current and case_id is not null and status in ('busy', 'busy-tentative') and start_window_close_date >= {{ planning_date() }}
    union all
    select case_id, 'transport' as kind, cast(null as {{ dbt.type_string() }}) as site_id, submission_id
    from {{ ref('stg_shipment_booking') }}
    where
        is_current and case_id is not null and status = 'booked' and leg = 'apheresis_in'
        and planned_delivery_at >= {{ as_timestamp(planning_date()) }}
),

no_shows as (
    select
        appointments.case_id,
        {{ local_date('appointments.missed_at', "coalesce(places.time_zone, 'UTC')") }} as missed_date,
        steps.hospital_id,
        steps.hospital_partner_id,
        places.site_name as hospital_name,
        steps.therapy_code,
        min(still_booked.site_id) as site_id,
        {{ ids('still_booked.kind') }} as kinds,
        {{ union_ids(lists=['min(appointments.submission_ids)', ids('still_booked.submission_id')]) }} as submission_ids
    from appointments
    inner join steps on appointments.case_id = steps.case_id and appointments.sender_partner_id = steps.hospital_partner_id
    inner join still_booked on appointments.case_id = still_booked.case_id
    left join places on steps.hospital_id = places.site_id
    where
        appointments.missed_at is not null
        and coalesce(appointments.kept_at < appointments.missed_at, true)
        and coalesce(steps.apheresis_at < appointments.missed_at, true)
        and steps.case_status = 'open'
    group by 1, 2, 3, 4, 5, 6
),

shipments as (
    select shipments.*, steps.therapy_code, steps.hospital_id, steps.site_id
    from {{ ref('fct_shipments') }} as shipments
    left join steps on shipments.case_id = steps.case_id
    where shipments.status <> 'cancelled'
),

-- Shipments of one courier whose promise was moved to a later day, together: the courier's week is one piece of news.
moved as (
    select
        courier_partner_id,
        {{ week_start('first_promised_date') }} as week_start_date,
        count(*) as shipments,
        count(distinct case_id) as patients,
        max({{ date_days('first_promised_date', 'promised_date') }}) as days,
        {{ all_ids('submission_ids') }} as submission_ids
    from shipments
    where delivered_at is null and promised_date > first_promised_date
    group by 1, 2
),

-- Delivered in the last week: an older one is history, and the KPI shows it.
warm as (
    select * from shipments
    where hold_margin_hours is not null and delivered_at >= {{ as_timestamp(add_days(planning_date(), -7)) }}
),

-- One case number under two chain-of-identity numbers, or the reverse, among what different partners say.
identities as (
    select case_id, concat(coi_issuer_id, '.', coi_id) as coi, sender_partner_id, hospital_id, submission_id
    from {{ ref('stg_case_order') }}
    where is_current
),

doubted as (
    select
        case_id as object_code,
        min(hospital_id) as hospital_id,
        concat('One case has ', cast(count(distinct coi) as {{ dbt.type_string() }}), ' chains of identity') as title,
        concat('Chain of identity ', min(coi)) as ours_words,
        concat('Chain of identity ', max(coi)) as theirs_words,
        {{ ids('submission_id') }} as submission_ids
    from identities
    group by 1
    having count(distinct coi) > 1
    union all
    select
        coi as object_code,
        min(hospital_id) as hospital_id,
        concat('One chain of identity stands for ', cast(count(distinct case_id) as {{ dbt.type_string() }}), ' cases') as title,
        concat('Case ', min(case_id)) as ours_words,
        concat('Case ', max(case_id)) as theirs_words,
        {{ ids('submission_id') }} as submission_ids
    from identities
    group by 1
    having count(distinct case_id) > 1
    union all
    select
        concat(events.partner_id, '.', events.booking_id) as object_code,
        min(bookings.to_site_id) as hospital_id,
        concat('The chain of identity was not confirmed at ', coalesce(min(places.site_name), 'a handover')) as title,
        'The booking names one patient' as ours_words,
        'The identity check was answered with no' as theirs_words,
        {{ ids('events.submission_id') }} as submission_ids
    from {{ ref('stg_custody_event') }} as events
    inner join {{ ref('stg_shipment_booking') }} as bookings
        on events.partner_id = bookings.partner_id and events.booking_id = bookings.booking_id and bookings.is_current
    left join places on events.site_id = places.site_id
    where
        events.is_current
        and not events.is_identity_checked
        and events.biz_step in ('inspecting', 'accepting')
        and events.occurred_at >= {{ as_timestamp(add_days(planning_date(), -7)) }}
    group by 1
)

select
    'authorisation_expires_early' as criterion_code,
    'authorisation_expires_early' as key_code,
    'case' as object_kind,
    case_id as object_code,
    'fixed' as week_kind,
    {{ week_start('expires_date') }} as week_start_date,
    {{ week_start('expires_date') }} as last_week_start_date,
    therapy_code,
    cast(null as {{ dbt.type_string() }}) as site_id,
    hospital_id,
    hospital_partner_id as owning_partner_id,
    cast({{ date_days('expires_date', 'infusion_date') }} as double) as measure,
    cast({{ date_days('expires_date', 'infusion_date') }} as double) as figure,
    1.0 as patients,
    cast({{ date_days('expires_date', 'infusion_date') }} as double) as days,
    concat(
        'The authorisation of a patient of ', hospital_name, ' ends on ', cast(expires_date as {{ dbt.type_string() }}), ', ',
        {{ counted_words(date_days('expires_date', 'infusion_date'), 'day', 'days') }}, ' before the planned infusion'
    ) as title,
    concat('Infusion planned for about ', cast(infusion_date as {{ dbt.type_string() }})) as ours_words,
    concat('Authorised until ', cast(expires_date as {{ dbt.type_string() }})) as theirs_words,
    'Without a longer authorisation the start is lost.' as reason,
    submission_ids
from authorised
where infusion_date > expires_date
union all
select
    'no_show_with_open_bookings' as criterion_code,
    'no_show_with_open_bookings' as key_code,
    'case' as object_kind,
    case_id as object_code,
    'fixed' as week_kind,
    {{ week_start('missed_date') }} as week_start_date,
    {{ week_start('missed_date') }} as last_week_start_date,
    therapy_code,
    site_id,
    hospital_id,
    hospital_partner_id as owning_partner_id,
    cast(null as double) as measure,
    7.0 as figure,
    1.0 as patients,
    -- A start that nobody uses is a week that somebody else waits.
    7.0 as days,
    concat('A patient of ', hospital_name, ' did not come on ', cast(missed_date as {{ dbt.type_string() }}), ' and still holds: ', {{ joined('kinds') }}) as title,
    concat('Appointment of ', cast(missed_date as {{ dbt.type_string() }}), ' missed; no new one') as ours_words,
    concat('Still booked: ', {{ joined('kinds') }}) as theirs_words,
    'Book a new appointment, or give back what is booked.' as reason,
    submission_ids
from no_shows
union all
select
    'promise_moved' as criterion_code,
    'promise_moved' as key_code,
    'courier' as object_kind,
    moved.courier_partner_id as object_code,
    'fixed' as week_kind,
    moved.week_start_date,
    moved.week_start_date as last_week_start_date,
    cast(null as {{ dbt.type_string() }}) as therapy_code,
    cast(null as {{ dbt.type_string() }}) as site_id,
    cast(null as {{ dbt.type_string() }}) as hospital_id,
    moved.courier_partner_id as owning_partner_id,
    cast(moved.days as double) as measure,
    cast(moved.patients * moved.days as double) as figure,
    cast(moved.patients as double) as patients,
    cast(moved.days as double) as days,
    concat(
        coalesce(partners.partner_name, moved.courier_partner_id), ' moved the promise of ', {{ counted_words('moved.shipments', 'shipment', 'shipments') }},
        ' by up to ', {{ counted_words('moved.days', 'day', 'days') }}
    ) as title,
    concat('First promised for ', {{ iso_week('moved.week_start_date') }}) as ours_words,
    concat('Promised up to ', {{ counted_words('moved.days', 'day', 'days') }}, ' later now') as theirs_words,
    'What hangs on the delivery moves with it.' as reason,
    moved.submission_ids
from moved
left join {{ ref('stg_partner') }} as partners on moved.courier_partner_id = partners.partner_id and partners.is_current and partners.role = 'courier'
union all
select
    'hold_margin_low' as criterion_code,
    'hold_margin_low' as key_code,
    'shipment' as object_kind,
    concat(courier_partner_id, '.', booking_id) as object_code,
    'fixed' as week_kind,
    {{ week_start('cast(delivered_at as date)') }} as week_start_date,
    {{ week_start('cast(delivered_at as date)') }} as last_week_start_date,
    therapy_code,
    site_id,
    hospital_id,
    courier_partner_id as owning_partner_id,
    hold_margin_hours as measure,
    -hold_margin_hours as figure,
    case when case_id is null then 0.0 else 1.0 end as patients,
    0.0 as days,
    concat(
        'Shipment ', booking_id, ' reached ', coalesce(to_site_name, 'its place'), ' with ', {{ plain_number('hold_margin_hours') }},
        ' hours of its container''s hold left'
    ) as title,
    concat('Margin at delivery: ', {{ plain_number('hold_margin_hours') }}, ' hours') as ours_words,
    'The agreement asks for more' as theirs_words,
    'A little more delay would have warmed it.' as reason,
    submission_ids
from warm
union all
select
    'identity_mismatch' as criterion_code,
    'identity_mismatch' as key_code,
    'identity' as object_kind,
    doubted.object_code,
    'standing' as week_kind,
    {{ planning_week() }} as week_start_date,
    {{ planning_week() }} as last_week_start_date,
    cast(null as {{ dbt.type_string() }}) as therapy_code,
    cast(null as {{ dbt.type_string() }}) as site_id,
    doubted.hospital_id,
    cast(null as {{ dbt.type_string() }}) as owning_partner_id,
    cast(null as double) as measure,
    1.0 as figure,
    1.0 as patients,
    0.0 as days,
    doubted.title,
    doubted.ours_words,
    doubted.theirs_words,
    'Nothing of this patient may move until the identity is cleared.' as reason,
    doubted.submission_ids
from doubted
