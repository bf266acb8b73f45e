select hospital_partner_id as partner_id, facts.*
from {{ ref('fct_case_links') }} as facts
