select owner_partner_id as partner_id, exceptions.*
from {{ ref('fct_exceptions') }} as exceptions
