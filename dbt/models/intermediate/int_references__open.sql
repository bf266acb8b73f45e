-- Values that refer to another feed, and that no row of that feed has, whoever sent it and whenever: looked up anew in every edition, so
-- a reference closes by itself when the other file arrives. Only rows that still speak: of the newest version.
{% for reference in contract_references() -%}
select
    cast('{{ reference.feed }}' as {{ dbt.type_string() }}) as feed,
    cast('{{ reference.column }}' as {{ dbt.type_string() }}) as column_name,
    cast('{{ reference.to_feed }}' as {{ dbt.type_string() }}) as to_feed,
    cast('{{ reference.to_column }}' as {{ dbt.type_string() }}) as to_column,
    referring.sender_partner_id as partner_id,
    referring.submission_id,
    cast(referring.{{ reference.column }} as {{ dbt.type_string() }}) as open_value,
    count(*) as stated_rows,
    min(referring.row_number) as first_row_number
from {{ ref('stg_' ~ reference.feed) }} as referring
left join (select distinct {{ reference.to_column }} as known_value from {{ ref('stg_' ~ reference.to_feed) }}) as known
    on referring.{{ reference.column }} = known.known_value
where
    referring.version_rank = 1
    and referring.{{ reference.column }} is not null
    and known.known_value is null
group by 5, 6, 7
{% if not loop.last %}union all
{% endif -%}
{%- endfor %}
