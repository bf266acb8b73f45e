-- The forecast file in force for a hospital's week at the end of each cut date. Intervals do not overlap, so a week has at most one file
-- of a sender per cut date: the result grows with the number of cut dates, never with the square of the versions.
select
    coverage.sender_partner_id,
    coverage.hospital_id,
    coverage.week_start_date,
    cuts.cut_date,
    cuts.is_cycle_end,
    coverage.submission_id,
    coverage.version_id,
    coverage.is_whole,
    coverage.stated_at
from {{ ref('int_versions__coverage') }} as coverage
inner join {{ ref('int_versions__cut_dates') }} as cuts
    on cuts.cut_date >= coverage.stated_date and (coverage.replaced_date is null or cuts.cut_date < coverage.replaced_date)
where cuts.cut_date < {{ add_days('coverage.week_start_date', 7) }}
