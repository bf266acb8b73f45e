{# Agreements: which rows of their parts hold, and whose agreement says so. #}

{# Number of the terms that hold where an agreement says nothing. #}
{% macro standard() -%} 'STANDARD' {%- endmacro %}

{# The rows of a part of the agreements (fences, criteria, …) that belong to the version of the agreement in force: what a newer version
   does not state again is gone, although its older file is still the newest one of that part. #}
{% macro agreed(part) -%}
select part.*
from {{ ref('stg_' ~ part) }} as part
inner join {{ ref('stg_agreement') }} as agreements
    on part.agreement_id = agreements.agreement_id and part.sender_partner_id = agreements.sender_partner_id
where part.is_current and agreements.is_current and coalesce(part.version = agreements.version, true)
{%- endmacro %}

{# Every agreement, and the standard terms themselves for what is nobody's agreement in particular. #}
{% macro agreement_ids() -%}
select agreement_id from {{ ref('int_agreements__terms') }}
union
select {{ standard() }} as agreement_id
{%- endmacro %}

{# A part of the agreements resolved: an agreement's own row for a key, or else that of the standard terms. Ends in the relation `resolved`. #}
{% macro resolved(part, key, columns) -%}
with agreed as (
    {{ agreed(part) }}
),

agreement_ids as (
    {{ agreement_ids() }}
),

candidates as (
    select agreement_ids.agreement_id, agreed.agreement_id as stated_by, agreed.{{ (key + columns + ['submission_id']) | join(', agreed.') }}
    from agreement_ids
    inner join agreed on agreement_ids.agreement_id = agreed.agreement_id or agreed.agreement_id = {{ standard() }}
),

resolved as (
    select
        candidates.*,
        row_number() over (
            partition by agreement_id, {{ key | join(', ') }}
            order by case when stated_by = agreement_id then 0 else 1 end, submission_id
        ) as choice
    from candidates
)
{%- endmacro %}
