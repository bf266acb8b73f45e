{# A feed as it was known on the planning date: every version of every row, and which one is current.

   The feed's terms stand in the meta of its source, written there from its contract, so this macro knows no feed by name.
   snapshot: a file restates its scope (a site) for every period value between its first and its last; the newest one that covers
             a scope and period is current, also where it has fewer rows than the one before. A file of which rows were refused
             replaces the rows that it restates and withdraws no other. A file that comes again is the newest again.
   events:   the newest row of a key is current.
   version_rank is 1 for the rows that still speak, whosever site they name.
   A partner never replaces another partner's rows, and speaks of its own sites only: a row whose site belongs to somebody else, or to
   nobody, by the operator's list of sites is never current (is_own is false). While the operator has listed no site, every row is own.

   `history` names a relation that is `landed(feed)`, for a feed with so many versions that a second copy of them would be a waste: then
   only rows that nothing has withdrawn are here, and whoever asks for older ones asks that relation. #}
{% macro staged(feed, history=none) -%}
{%- set from_landing = landed(feed) if not history -%}
{%- if execute -%}
    {%- set terms = feed_terms(feed) -%}
    {%- set scope = terms.scope or "''" -%}
    {%- set period = terms.period or "''" -%}
    {%- set landed_rows = history or 'landed' -%}
with {% if not history %}landed as (
    {{ from_landing }}
),

{% endif %}{% if terms.delivery == 'snapshot' %}told as (
    select distinct
        sender_partner_id,
        {{ scope }} as scope_value,
        {{ period }} as period_value,
        submission_id,
        stated_at,
        is_whole
    from {{ landed_rows }}
),

spans as (
    select
        sender_partner_id,
        scope_value,
        submission_id,
        stated_at,
        is_whole,
        min(period_value) as first_period,
        max(period_value) as last_period
    from told
    group by 1, 2, 3, 4, 5
),

periods as (
    select distinct sender_partner_id, scope_value, period_value
    from told
),

-- How many newer files withdraw what a file says of a scope and period.
withdrawn as (
    select
        spans.sender_partner_id,
        spans.scope_value,
        periods.period_value,
        spans.submission_id,
        cast(coalesce(sum(case when spans.is_whole then 1 else 0 end) over (
            partition by spans.sender_partner_id, spans.scope_value, periods.period_value
            order by spans.stated_at desc, spans.submission_id desc
            rows between unbounded preceding and 1 preceding
        ), 0) as bigint) as times
    from periods
    inner join spans
        on periods.sender_partner_id = spans.sender_partner_id
        and periods.scope_value = spans.scope_value
        and periods.period_value between spans.first_period and spans.last_period
),

-- Only the newest row of a key holds: a file with refused rows restated it, or it moved to a period that the older file did not cover.
placed as (
    select
        landed.*,
        withdrawn.times,
        row_number() over (
            partition by landed.is_own, landed.sender_partner_id, landed.{{ terms.key | join(', landed.') }}
            order by landed.stated_at desc, landed.submission_id desc, landed.row_number desc
        ) as key_rank
    from {{ landed_rows }} as landed
    inner join withdrawn
        on landed.sender_partner_id = withdrawn.sender_partner_id
        and landed.submission_id = withdrawn.submission_id
        and {{ scope if not terms.scope else 'landed.' ~ scope }} = withdrawn.scope_value
        and {{ period if not terms.period else 'landed.' ~ period }} = withdrawn.period_value
    {%- if history %}
    where withdrawn.times = 0
    {%- endif %}
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
    stated_at,
    is_whole,
    contract_version,
    is_own,
    case when times = 0 then key_rank else times + 1 end as version_rank,
    is_own and times = 0 and key_rank = 1 as is_current
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

{# Every accepted row of a feed, with who sent it, when it was stated, and whether the sender may speak of its site. #}
{% macro landed(feed) -%}
{%- set landed_rows = source('landing', feed) -%}
{%- set statements = ref('int_feeds__statements') -%}
{#- The list of sites itself is the only feed that cannot be held against it. -#}
{%- set sites = ref('stg_site') if feed != 'site' -%}
{%- if execute -%}
    {%- set terms = feed_terms(feed) -%}
select
    feed.*,
    statements.partner_id as sender_partner_id,
    {%- if 'partner_id' not in terms.columns %}
    statements.partner_id,
    {%- endif %}
    statements.as_of,
    statements.stated_at,
    statements.is_whole,
    statements.contract_version,
    {{ '(sites.site_id is not null or (select count(*) from ' ~ sites ~ ' where is_current) = 0)' if terms.owner_site else 'true' }} as is_own
from {{ landed_rows }} as feed
inner join {{ statements }} as statements
    on feed.submission_id = statements.submission_id and statements.{{ 'is_last' if terms.delivery == 'snapshot' else 'is_first' }}
{%- if terms.owner_site %}
left join (select distinct site_id, partner_id from {{ sites }} where is_current) as sites
    on feed.{{ terms.owner_site }} = sites.site_id and statements.partner_id = sites.partner_id
{%- endif %}
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
