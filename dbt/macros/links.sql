{# The links of the chain from a patient to a start, in the order of the journey: code, and what it is called in words. #}
{% macro chain_links() -%}
{{ return([
    ('chair', 'apheresis chairs'), ('courier', 'couriers'), ('container', 'containers'), ('slot', 'slots'), ('vector', 'vector doses'),
    ('material', 'raw materials'), ('bed', 'beds'),
]) }}
{%- endmacro %}

{# The state of a link in words. #}
{% macro link_words(name, state) -%}
concat('{{ name }}', case {{ state }}
    when 'red' then ' hold the week back'
    when 'orange' then ' would be short next'
    when 'green' then ' suffice'
    else ' are not stated'
end)
{%- endmacro %}
