{# Exceptions: the columns that every group of criteria gives, and the words they share. #}

{# What a group of criteria says of an exception. key_code: the first part of its key, so that what changes its criterion and not its cause
   keeps its key. week_kind: fixed (the week is a fact), run (first week of a run of weeks) or standing (it holds until it is cleared).
   measure: what the agreement's threshold is held against; figure: what must not worsen once it is accepted, bigger is worse. #}
{% macro exception_columns() -%}
{{ return([
    'criterion_code', 'key_code', 'object_kind', 'object_code', 'week_kind', 'week_start_date', 'last_week_start_date', 'therapy_code', 'site_id',
    'hospital_id', 'owning_partner_id', 'measure', 'figure', 'patients', 'days', 'title', 'ours_words', 'theirs_words', 'reason', 'submission_ids',
]) }}
{%- endmacro %}

{# 1 patient, 3 patients, no patients: whole ones, and at least one where there is any. #}
{% macro counted_words(number, one, many) -%}
case
    when {{ number }} <= 0 then 'no {{ many }}'
    when {{ number }} < 1.5 then '1 {{ one }}'
    else concat(cast(cast(round({{ number }}) as integer) as {{ dbt.type_string() }}), ' {{ many }}')
end
{%- endmacro %}

{# What a plant, a supplier or a courier commits to. #}
{% macro committed_unit(kind) -%} case {{ kind }} when 'plant' then 'starts' when 'supplier' then 'doses' else 'shipments' end {%- endmacro %}

{# 1 start is; 3 doses are #}
{% macro committed_words(kind, number, is, are) -%}
case {{ kind }}
    {%- for name, one in {'plant': 'start', 'supplier': 'dose', 'courier': 'shipment'}.items() %}
    when '{{ name }}' then {{ counted_words(number, one ~ is, one ~ 's' ~ are) }}
    {%- endfor %}
end
{%- endmacro %}

{% macro patients_words(number) -%} {{ counted_words(number, 'patient', 'patients') }} {%- endmacro %}

{# Patients of a plan, which counts parts of them, as the screens write them: 12; 5.3; 1. A decimal only below ten. #}
{% macro people_number(number) -%}
case when {{ number }} >= 10 then {{ plain_number('round(' ~ number ~ ')') }} else {{ plain_number(number) }} end
{%- endmacro %}

{# The same beside another figure: with a tenth where both would read alike and are not. #}
{% macro people_number_beside(number, other) -%}
case
    when {{ number }} >= 10 and round({{ number }}) = round({{ other }}) then {{ plain_number(number) }} else {{ people_number(number) }}
end
{%- endmacro %}

{# 12 patients; 5.3 patients; 1 patient #}
{% macro people_words(number) -%}
concat({{ people_number(number) }}, case when {{ people_number(number) }} = '1' then ' patient' else ' patients' end)
{%- endmacro %}

{# 5.3 patients wait; 1 patient waits #}
{% macro people_wait(number) -%}
concat({{ people_words(number) }}, case when {{ people_number(number) }} = '1' then ' waits' else ' wait' end)
{%- endmacro %}

{# in 2027-W03; from 2027-W03 to 2027-W06 #}
{% macro span_words(first, last) -%}
case
    when {{ first }} = {{ last }} then concat('in ', {{ iso_week(first) }})
    else concat('from ', {{ iso_week(first) }}, ' to ', {{ iso_week(last) }})
end
{%- endmacro %}

{# Whether a figure of few patients differs from the one before by more than chance: outside the exact Poisson limits of the one before
   (95 %), which stand in the seed poisson_limits up to 19 patients. From 20 patients on the agreed percentage decides alone. #}
{% macro is_beyond_chance(figure, before, limits) -%}
coalesce({{ figure }} < {{ limits }}.lower or {{ figure }} > {{ limits }}.upper, {{ before }} >= 19.5)
{%- endmacro %}

{% macro joins_poisson_limits(before, alias) -%}
left join {{ ref('poisson_limits') }} as {{ alias }} on cast(round({{ before }}) as integer) = {{ alias }}.patients
{%- endmacro %}

{# Least value of a threshold is broken where less is worse: weeks of cover, hours of margin. #}
{% macro breaks_threshold(criterion, measure, threshold) -%}
case
    when {{ measure }} is null or {{ threshold }} is null then true
    when {{ criterion }} in ('vector_cover_low', 'hold_margin_low') then {{ measure }} < {{ threshold }}
    else {{ measure }} > {{ threshold }}
end
{%- endmacro %}

{% macro severity_rank(severity) -%} case {{ severity }} when 'critical' then 0 when 'major' then 1 else 2 end {%- endmacro %}

{# The codes of resources in words, as they stand behind "binding:". #}
{% macro resource_words(code) -%}
case {{ code }}
    when 'slot' then 'slots'
    when 'vector' then 'vector'
    when 'courier' then 'couriers'
    when 'chair' then 'apheresis chairs'
    when 'bed' then 'beds'
    when 'container' then 'containers'
    when 'material' then 'raw material'
end
{%- endmacro %}

{# A part of an exception's key, criterion|object|week, counted from 1. #}
{% macro key_part(key, place) -%} {{ adapter.dispatch('key_part')(key, place) }} {%- endmacro %}
{% macro default__key_part(key, place) -%} split_part({{ key }}, '|', {{ place }}) {%- endmacro %}
