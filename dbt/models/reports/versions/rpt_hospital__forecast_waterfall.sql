select hospital_partner_id as partner_id, facts.*
from {{ ref('fct_forecast_waterfall') }} as facts
where slice_kind = 'hospital'
