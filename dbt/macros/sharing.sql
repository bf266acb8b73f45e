{# Shared views: how fine the agreements let somebody see them. #}

{# 0 by week, 1 by month, 2 one total, 3 not at all; what is finer than a view ever is, is the view as it is. #}
{% macro coarseness(grain) -%}
case {{ grain }} when 'plant_month' then 1 when 'network_month' then 1 when 'network_total' then 2 when 'not_shared' then 3 else 0 end
{%- endmacro %}

{% macro grain_word(coarseness) -%}
case {{ coarseness }} when 0 then 'week' when 1 then 'month' else 'total' end
{%- endmacro %}

{# First week of the plan in the period that a row belongs to: its own, that of its month, or that of the plan. `by` names the lines. #}
{% macro shared_period(coarseness, week, by) -%}
case {{ coarseness }}
    when 0 then {{ week }}
    when 1 then min({{ week }}) over (partition by {{ by }}, date_trunc('month', {{ week }}))
    else min({{ week }}) over (partition by {{ by }})
end
{%- endmacro %}

{# Terms of one view for one role: one row per agreement (and the standard terms). #}
{% macro sharing_of(view, role) -%}
select agreement_id, coarseness, submission_ids
from {{ ref('int_agreements__sharing') }}
where feed_or_view = '{{ view }}' and audience_role = '{{ role }}'
{%- endmacro %}
