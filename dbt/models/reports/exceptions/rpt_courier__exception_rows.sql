{{ report_exception_rows('courier') }}
