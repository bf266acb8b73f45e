select *
from {{ ref('fct_cycle_items') }}
where role = 'supplier'
