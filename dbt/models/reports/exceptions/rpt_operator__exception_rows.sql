{{ report_exception_rows('operator') }}
