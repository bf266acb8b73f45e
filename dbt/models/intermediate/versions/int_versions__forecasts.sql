-- What each version of the forecast said: a row per kind of demand, which whoever reads it adds up. A view: each reader asks for some
-- versions and weeks, and all of them together are as large as landing.
{{ config(materialized='view') }}
select sender_partner_id, hospital_id, therapy_code, week_start_date, submission_id as version_id, submission_id, patients
from {{ ref('int_versions__stated') }}
where is_own and is_whole
union all
select sender_partner_id, hospital_id, therapy_code, week_start_date, version_id, submission_id, patients
from {{ ref('int_versions__merged') }}
