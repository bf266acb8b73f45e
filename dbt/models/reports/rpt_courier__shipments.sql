select courier_partner_id as partner_id, facts.*
from {{ ref('fct_shipments') }} as facts
