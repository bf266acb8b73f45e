{{ report_exceptions('supplier') }}
