{{ report_exception_rows('hospital') }}
