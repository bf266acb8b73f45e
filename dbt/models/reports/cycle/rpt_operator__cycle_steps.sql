select *
from {{ ref('fct_cycle_steps') }}
