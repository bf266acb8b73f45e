select supplier_partner_id as partner_id, facts.*
from {{ ref('fct_vector_lots') }} as facts
