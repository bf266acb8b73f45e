-- A list that nobody reads is none: fewer than 25 exceptions ask for attention at once. A warning: a network in trouble may have more.
{{ config(severity='warn') }}
select count(*) as asking
from {{ ref('fct_exceptions') }}
where place is not null
having count(*) >= 25
