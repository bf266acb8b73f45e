-- Of the network as a whole: how a single plant answers is between it and the operator.
select plant_partner_id as partner_id, facts.*
from {{ ref('fct_commit_metrics') }} as facts
where slice_kind = 'network'
