select plant_partner_id as partner_id, facts.*
from {{ ref('fct_commits') }} as facts
