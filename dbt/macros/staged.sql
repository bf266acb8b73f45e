{# A feed as it was known on the planning date: every version of every row, and which one is current.

   The feed's terms stand in the meta of its source, written there from its contract, so this macro knows no feed by name.
   snapshot: a file restates its scope (a site) for every period value between its first and its last; the newest one that covers
             a scope and period is current, also where it has fewer rows than the one before.
   events:   the newest row of a key is current.
   A partner never replaces another partner's rows, and speaks of its own sites only: a row whose site belongs to somebody else, or to
   nobody, by the operator's list of sites is never current (is_own is false). While the operator has listed no site, every row is own. #}
{% macro staged(feed) -%}
{%- set landed_rows = source('landing', feed) -%}
{%- set submissions = source('register', 'submission') -%}
{#- The list of sites itself is the only feed that cannot be held against it. -#}
{%- set sites = ref('stg_site') if feed != 'site' -%}
{%- if execute -%}
    {%- set terms = feed_terms(feed) -%}
    {%- set scope = terms.scope or "''" -%}
    {%- set period = terms.period or "''" -%}
with {% if terms.owner_site %}sites as (
    select distinct site_id, partner_id from {{ sites }} where is_current
),

{% endif %}landed as (
    select
        feed.*,
        submission.partner_id as sender_partner_id,
        {%- if 'partner_id' not in terms.columns %}
        submission.partner_id,
        {%- endif %}
        submission.as_of,
        submission.contract_version,
        {{ '(sites.site_id is not null or (select count(*) from sites) = 0)' if terms.owner_site else 'true' }} as is_own
    from {{ landed_rows }} as feed
    inner join {{ submissions }} as submission on feed.submission_id = submission.submission_id
    {%- if terms.owner_site %}
    left join sites on feed.{{ terms.owner_site }} = sites.site_id and submission.partner_id = sites.partner_id
    {%- endif %}
    where submission.as_of < {{ knowledge_ends_at() }}
),
{% if terms.delivery == 'snapshot' %}
spans as (
    select sender_partner_id, {{ scope }} as scope_value, submission_id, as_of, min({{ period }}) as first_period, max({{ period }}) as last_period
    from landed
    group by 1, 2, 3, 4
),

periods as (
    select distinct sender_partner_id, {{ scope }} as scope_value, {{ period }} as period_value
    from landed
),

ranked as (
    select
        spans.sender_partner_id,
        spans.scope_value,
        periods.period_value,
        spans.submission_id,
        row_number() over (
            partition by spans.sender_partner_id, spans.scope_value, periods.period_value order by spans.as_of desc, spans.submission_id desc
        ) as version_rank
    from periods
    inner join spans
        on periods.sender_partner_id = spans.sender_partner_id
        and periods.scope_value = spans.scope_value
        and periods.period_value between spans.first_period and spans.last_period
),

placed as (
    select
        landed.*,
        ranked.version_rank,
        row_number() over (
            partition by ranked.version_rank = 1, landed.is_own, landed.sender_partner_id, landed.{{ terms.key | join(', landed.') }}
            order by landed.as_of desc, landed.submission_id desc, landed.row_number desc
        ) as key_rank
    from landed
    inner join ranked
        on landed.sender_partner_id = ranked.sender_partner_id
        and landed.submission_id = ranked.submission_id
        and {{ scope if not terms.scope else 'landed.' ~ scope }} = ranked.scope_value
        and {{ period if not terms.period else 'landed.' ~ period }} = ranked.period_value
)

select
    {%- for column in terms.columns %}
    {{ column }},
    {%- endfor %}
    sender_partner_id,
    {%- if 'partner_id' not in terms.columns %}
    partner_id,
    {%- endif %}
    as_of,
    contract_version,
    is_own,
    version_rank,
    -- What moved to a period that the older file did not cover stands in both; the newer one holds.
    is_own and version_rank = 1 and key_rank = 1 as is_current
from placed
{% else %}
ranked as (
    select
        landed.*,
        row_number() over (
            partition by is_own, sender_partner_id, {{ terms.key | join(', ') }} order by as_of desc, submission_id desc, row_number desc
        ) as version_rank
    from landed
)

select ranked.*, is_own and version_rank = 1 as is_current
from ranked
{% endif %}
{%- endif -%}
{%- endmacro %}

{# The terms of a feed from the meta of its source, and the names of its columns. #}
{% macro feed_terms(feed) -%}
{%- set node = graph.sources.values() | selectattr('source_name', 'equalto', 'landing') | selectattr('name', 'equalto', feed) | first -%}
{%- set meta = node.config.meta or node.meta -%}
{{ return({
    'delivery': meta.delivery,
    'scope': meta.scope,
    'period': meta.period,
    'owner_site': meta.owner_site,
    'key': meta.key,
    'columns': node.columns.keys() | list,
}) }}
{%- endmacro %}
