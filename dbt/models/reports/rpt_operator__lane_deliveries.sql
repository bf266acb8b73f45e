select *
from {{ ref('fct_lane_deliveries') }}
