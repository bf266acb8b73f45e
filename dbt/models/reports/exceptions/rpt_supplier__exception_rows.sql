{{ report_exception_rows('supplier') }}
