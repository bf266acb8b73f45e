select hospital_partner_id as partner_id, facts.*
from {{ ref('fct_plan_links') }} as facts
