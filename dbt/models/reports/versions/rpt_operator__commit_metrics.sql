select plant_partner_id as partner_id, facts.*
from {{ ref('fct_commit_metrics') }} as facts
