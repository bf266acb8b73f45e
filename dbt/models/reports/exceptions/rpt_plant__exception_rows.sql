{{ report_exception_rows('plant') }}
