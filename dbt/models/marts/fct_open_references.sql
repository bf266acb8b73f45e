with open_values as (
    select * from {{ ref('int_references__open') }}
)

select
    submission_id,
    feed,
    partner_id,
    column_name,
    to_feed,
    to_column,
    count(*) as open_values,
    cast(sum(stated_rows) as bigint) as rows,
    min(first_row_number) as first_row_number,
    min(open_value) as example_value,
    {{ union_ids(singles=['submission_id']) }} as submission_ids
from open_values
group by 1, 2, 3, 4, 5, 6
