select * from {{ ref('fct_kpis') }}
