-- What decisions add to the capacity of a plant's week, or take from it. Patients who move to another plant bring the chair, the bed and the
-- container of their hospital along, which the plant that they leave then lacks in that week, and a place on their own lane.
with decisions as (
    select * from {{ ref('int_decisions__in_force') }}
)

select decision_key, therapy_code, site_id, week_no, 'slot' as resource, quantity, submission_ids
from decisions
where option_code in ('add_slots', 'release_slot')
union all
select decision_key, therapy_code, site_id, week_no, 'courier' as resource, quantity, submission_ids
from decisions
where option_code = 'add_courier_capacity'
{% for resource in ['chair', 'bed', 'container', 'courier'] %}
union all
select decision_key, therapy_code, to_site_id as site_id, to_week_no as week_no, '{{ resource }}' as resource, quantity, submission_ids
from decisions
where option_code = 'other_plant' and to_site_id <> site_id
{% if resource != 'courier' %}
union all
select decision_key, therapy_code, site_id, to_week_no as week_no, '{{ resource }}' as resource, -quantity as quantity, submission_ids
from decisions
where option_code = 'other_plant' and to_site_id <> site_id
{% endif %}
{% endfor %}
