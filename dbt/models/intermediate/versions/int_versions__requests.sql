-- Starts that the hospitals' forecasts asked a plant for, as each version had them.
{{ requested_versions(['site_id', 'therapy_code'], ref('int_versions__asked'), ref('int_versions__links')) }}

select site_id, therapy_code, week_start_date, version_date, cycle_week, quantity as requested_starts, stated_at, submission_ids
from requested
