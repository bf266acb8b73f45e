select coalesce(hospital_partner_id, plant_partner_id) as partner_id, facts.*
from {{ ref('fct_forecast_waterfall') }} as facts
