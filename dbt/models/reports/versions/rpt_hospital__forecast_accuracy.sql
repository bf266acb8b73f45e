select hospital_partner_id as partner_id, facts.*
from {{ ref('fct_forecast_accuracy') }} as facts
where slice_kind = 'hospital'
