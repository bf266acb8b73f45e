select * from {{ ref('fct_exceptions') }}
